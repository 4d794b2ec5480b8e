-- The root of RFC 6962 (section 2.1) over leaves that are hashed already: pairs are hashed upwards,
-- one without a partner goes up as it is. A node begins with 01, a leaf with 00, so that neither can
-- be shown as the other.
create or replace function merkle_root(leaves bytea[]) returns bytea
language plpgsql immutable parallel safe as $$
declare
  level bytea[] := leaves;
begin
  while cardinality(level) > 1 loop
    select array_agg(case when "right" is null then "left" else sha256('\x01'::bytea || "left" || "right") end order by place) into level
    from (
      select place, hash as "left", lead(hash) over (order by place) as "right"
      from unnest(level) with ordinality as node (hash, place)
    ) as pair
    where place % 2 = 1;
  end loop;
  return level[1];
end $$;

-- What a merchant has received is never sent again by mistake, nor called lost.
create or replace function deliveries_guard() returns trigger language plpgsql as $$
begin
  raise exception 'delivery % is delivered: it cannot become %', old.id, new.state using errcode = 'check_violation';
end $$;

create or replace trigger deliveries_guard before update on deliveries for each row
  when (old.state = 'delivered' and new.state <> 'delivered') execute function deliveries_guard();

-- One transaction alone, as post_transactions says; answers its id. legs: [{"code","normal_side","currency","amount"}].
create or replace function post_transaction(header jsonb, legs jsonb) returns bigint
language plpgsql as $$
begin
  return (post_transactions(jsonb_build_array(header || jsonb_build_object('legs', legs))))[1];
end $$;

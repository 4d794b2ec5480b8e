-- In which of its account's stripes a payment's postings are: always in the same one.
create or replace function stripe_of(payment text, stripes smallint) returns smallint
language sql immutable parallel safe as $$
  select case when stripes = 1 or payment is null then 0 else get_byte(sha256(convert_to(payment, 'UTF8')), 0) % stripes end::smallint
$$;

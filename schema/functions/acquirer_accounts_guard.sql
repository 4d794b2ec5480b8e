-- Each wire has its own idea of an account; one that lacks what its wire sends could never be used.
create or replace function acquirer_accounts_guard() returns trigger language plpgsql as $$
begin
  if (select wire from acquirers where id = new.acquirer_id) = 'iso8583' then
    if new.institution is null or new.terminals is null or new.acceptor_name is null then
      raise exception 'account % at %: ISO 8583 needs institution, terminals and acceptor_name', new.id, new.acquirer_id
        using errcode = 'check_violation';
    end if;
    if length(new.merchant_account) > 15 then
      raise exception 'account % at %: a merchant account of ISO 8583 (field 42) has at most 15 characters', new.id, new.acquirer_id
        using errcode = 'check_violation';
    end if;
  end if;
  return new;
end $$;

create or replace trigger acquirer_accounts_guard before insert or update on merchant_acquirer_accounts
  for each row execute function acquirer_accounts_guard();

-- More than one wire: what only ISO 8583 needs is asked of its accounts alone (acquirer_accounts_guard).
alter table acquirers drop constraint acquirers_wire_check,
  add constraint acquirers_wire_check check (wire in ('iso8583', 'stripe', 'adyen'));

alter table merchant_acquirer_accounts
  alter column institution drop not null,
  alter column terminals drop not null,
  alter column acceptor_name drop not null,
  -- An account id of an HTTP API is longer than a MID (field 42), which its planner keeps to 15.
  drop constraint merchant_acquirer_accounts_merchant_account_check,
  add constraint merchant_acquirer_accounts_merchant_account_check check (length(merchant_account) between 1 and 64);

-- An acquirer that can be asked what became of an attempt is asked before anything is undone.
alter table attempts drop constraint attempts_on_unknown_check,
  add constraint attempts_on_unknown_check check (on_unknown in ('reverse', 'repeat', 'case', 'inquire'));

-- What the acquirer calls it: committed before anything is carried out under that name, so that
-- whoever comes after a crash can ask for it.
alter table attempts add column acquirer_reference text check (length(acquirer_reference) between 1 and 255);
create index attempts_by_acquirer_reference on attempts (acquirer_id, acquirer_reference) where acquirer_reference is not null;

grant update (acquirer_reference) on attempts to quittance_worker;

-- How long an outcome at this acquirer may be unknown before a person is asked to look; machines go on asking.
alter table acquirers
  add column case_after interval not null default interval '15 minutes' check (case_after > interval '0' and case_after <= interval '30 days');

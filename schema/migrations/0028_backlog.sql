-- What waits, for whoever measures it: three indexes that hold nothing else.

create index operations_unknown on operations (unknown_since) where unknown_since is not null;
create index cases_open on cases (opened_at) where state = 'open';
create index payments_in_review on payments (created_at) where status = 'in_review';

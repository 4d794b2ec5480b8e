-- The trace that an event was made in (W3C traceparent: random numbers, nobody's data), so that its delivery
-- is a part of it. Null where nothing was traced. Not checked: a check would read every line there is under
-- the table's lock, and whoever reads what is no traceparent goes on without one.
alter table events add column traceparent text;

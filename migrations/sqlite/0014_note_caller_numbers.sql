-- The number that a call showed, where its trunk has several; the caps of caller numbers outlive a restart by it.
alter table attempt add column caller text;
create index attempt_caller on attempt (begun_at) where caller is not null;

-- The caller numbers with which a campaign was first started, as a list: answer rates under others do not compare.
alter table campaign add column callers text check (json_valid(callers));

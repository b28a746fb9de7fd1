-- A running campaign that a person has paused: its cases stay open, nothing of it is claimed, and a restart changes nothing.
alter table campaign add column paused_at integer;

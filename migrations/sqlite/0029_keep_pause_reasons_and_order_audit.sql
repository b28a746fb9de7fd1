-- Reasons of a pause that nobody chooses any more, and the audit log in the order of its times by whom, what and to what.

-- Since when it is offered no more; what agents did keeps naming it, so no row is ever deleted.
alter table pause_reason add column retired_at integer;

create trigger pause_reason_is_never_deleted before delete on pause_reason
begin
    select raise(abort, 'a reason of a pause is retired, never deleted');
end;

-- Lists of the log are read by time and row, the latest first: each of these leads to a page of one without a row too many.
drop index audit_object;
drop index audit_who;
drop index audit_deed;
create index audit_object on audit (object, at);
create index audit_who on audit (who, at);
create index audit_deed on audit (deed, at);

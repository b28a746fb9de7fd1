-- What was wrong, from when to when: one row for each time that an alarm was raised. Nobody's name or number is in it.
create table alarm (
    id         integer not null primary key,
    alarm      text    not null,
    severity   text    not null check (severity in ('critical', 'warning')),
    subject    text    not null,
    raised_at  integer not null,
    cleared_at integer,
    detail     text    not null,
    unique (alarm, subject, raised_at)
) strict;

create index alarm_open on alarm (raised_at) where cleared_at is null;

create view v_alarm as
select a.id, a.alarm, a.severity, a.subject, a.detail,
    strftime('%Y-%m-%d %H:%M:%S', a.raised_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= a.raised_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as raised_local,
    strftime('%Y-%m-%d %H:%M:%S', a.cleared_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= a.cleared_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as cleared_local
from alarm a;

-- What is kept and what goes: recordings whose file is gone, legal holds, and a line for every deletion.

-- The file was looked for and not found; nothing once it is back.
alter table recording add column missing_since integer;
-- The file was removed by a rule or with its patient; the row stays, as evidence that there was one.
alter table recording add column purged_at integer;
create index recording_missing on recording (attempt_id) where missing_since is not null;
create index recording_kept on recording (attempt_id) where purged_at is null;

-- What leads to a person (the number dialed, what the far end wrote, single keys) has been taken out of the attempt.
alter table attempt add column cleaned_at integer;

-- Name, numbers and audio are gone; the counts stay.
alter table patient add column erased_at integer;

-- What nothing may delete: a patient with everything, or one case.
create table legal_hold (
    id         integer not null primary key,
    patient_id integer references patient (id),
    case_id    integer references cases (id),
    reason     text    not null check (length(reason) > 0),
    since      integer not null,
    who        text    not null,
    ended_at   integer,
    ended_by   text,
    check ((patient_id is null) <> (case_id is null)),
    check ((ended_at is null) = (ended_by is null))
) strict;

create index legal_hold_patient on legal_hold (patient_id) where ended_at is null and patient_id is not null;
create index legal_hold_case on legal_hold (case_id) where ended_at is null and case_id is not null;

-- One row for each kind of each run; never deleted itself. Nothing in it leads to a person.
create table deletion (
    id    integer not null primary key,
    at    integer not null,
    kind  text    not null,
    count integer not null default 0,
    bytes integer not null default 0,
    rule  text    not null,
    who   text    not null,
    unique (at, kind, rule, who)
) strict;

create view v_legal_hold as
select h.id, p.patient_no, p.name, h.case_id, h.reason, h.who, h.ended_by,
    strftime('%Y-%m-%d %H:%M:%S', h.since / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= h.since order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as since_local,
    strftime('%Y-%m-%d %H:%M:%S', h.ended_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= h.ended_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as ended_local
from legal_hold h
left join cases c on c.id = h.case_id
left join encounter e on e.id = c.encounter_id
left join patient p on p.id = coalesce(h.patient_id, e.patient_id);

create view v_deletion as
select d.id, d.kind, d.count, d.bytes, d.rule, d.who,
    strftime('%Y-%m-%d %H:%M:%S', d.at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= d.at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as at_local
from deletion d;

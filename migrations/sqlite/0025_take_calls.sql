-- Calls coming in: an attempt that the patient began, and a line of the list of calls to us that says what became of it.

-- Who called whom. What came in used up no budget, and counts in no cap, no history and no figure about our own calls. One of
-- which no case is the subject stands, as a test call does, with is_test = 1.
alter table attempt add column direction text not null default 'out' check (direction in ('out', 'in'));

-- A call that was taken has an attempt, and stands with the status 200.
create temporary table call_back_before as select id, at, trunk, digits, status, patient_id, case_id from call_back;
drop view v_call_back;
drop table call_back;

create table call_back (
    id         integer not null primary key,
    at         integer not null,
    trunk      text    not null,
    -- As it came; none: it was withheld.
    digits     text,
    status     integer not null check (status between 200 and 699),
    patient_id integer references patient (id),
    -- What the call is likely about.
    case_id    integer references cases (id),
    -- How many other patients have the number.
    others     integer not null default 0 check (others >= 0),
    attempt_id integer unique references attempt (id),
    -- Who has looked after it, and when.
    seen_by    integer references account (id),
    seen_at    integer,
    check (patient_id is not null or case_id is null),
    check ((status = 200) = (attempt_id is not null)),
    check ((seen_by is null) = (seen_at is null))
) strict;

insert into call_back (id, at, trunk, digits, status, patient_id, case_id)
select id, at, trunk, digits, status, patient_id, case_id from call_back_before;
drop table call_back_before;

create index call_back_at on call_back (at);
create index call_back_patient on call_back (patient_id) where patient_id is not null;
create index call_back_case on call_back (case_id) where case_id is not null;

create view v_call_back as
select b.id, b.digits, b.trunk, b.status, p.patient_no, p.name, b.case_id, m.name as campaign, c.outcome,
    c.last_disposition, d.cause,
    strftime('%Y-%m-%d %H:%M:%S', b.at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= b.at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as at_local,
    b.attempt_id, a.disposition, r.path as recording
from call_back b
left join patient p on p.id = b.patient_id
left join cases c on c.id = b.case_id
left join campaign m on m.id = c.campaign_id
left join disposition d on d.id = c.last_disposition
left join attempt a on a.id = b.attempt_id
left join recording r on r.attempt_id = b.attempt_id;

-- Figures about calls are about the calls that we make.
drop view report_attempt_now;
create view report_attempt_now as
select c.id as case_id, c.campaign_id, c.due_at, coalesce(e.department, '') as department,
    coalesce(a.disposition, '') as disposition, a.answered_at is not null as answered,
    exists (select 1 from attempt h indexed by attempt_kept where h.case_id = a.case_id and h.id = a.id and h.kept > 0)
        and exists (select 1 from pressed_key k where k.attempt_id = a.id) as human,
    r.attempt_id is not null as recorded, a.id as attempt_id, coalesce(r.duration_ms, 0) as recording_ms,
    a.begun_at, a.ended_at
from cases c join encounter e on e.id = c.encounter_id join attempt a on a.case_id = c.id and a.direction = 'out'
    left join recording r indexed by recording_length on r.attempt_id = a.id;

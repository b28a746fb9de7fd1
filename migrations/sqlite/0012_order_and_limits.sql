-- Whom to call first, how often, and who may not be called: priorities, appointments, states, do-not-call at levels; and
-- the reason of every decision.

-- What it is for: `do_not_call` at the level of a purpose goes by it.
alter table campaign add column purpose text check (length(purpose) > 0);

alter table cases add column priority       integer not null default 0 check (priority between -32768 and 32767);
-- The time at which the patient asked to be called.
alter table cases add column appointment_at integer;
-- The last decision: a `reason`, when it was taken, and until when it holds.
alter table cases add column why            text;
alter table cases add column why_at         integer;
alter table cases add column why_until      integer;

-- The claim reads this index priority by priority (there are few), each in its own order, and stops at its limit.
drop index cases_due;
create index cases_due on cases (campaign_id, priority, next_at, due_at, id) where state = 'open';
create index cases_appointment on cases (campaign_id, appointment_at) where state = 'open' and appointment_at is not null;

-- Whether it used up budget; nothing while it is under way, and for a call by hand.
alter table attempt add column counted integer check (counted in (0, 1));
update attempt set counted = case when disposition = 'unknown' then reached else coalesce(
    (select 1 - d.ours from disposition d where d.id = attempt.disposition), 1) end
where state = 'ended' and case_id is not null;

-- How often a number was called lately, by whomever.
create index attempt_digits on attempt (digits, begun_at);

-- Filled from the program's own list at every start: the identifiers of decisions and the users' words for them.
create table reason (
    id    text    not null primary key,
    words text    not null,
    rank  integer not null
) strict;

-- Every decision about a case whose reason is another than that of the one before it; rows are only added.
create table decision (
    id      integer not null primary key,
    case_id integer not null references cases (id),
    at      integer not null,
    why     text    not null,
    -- When the case is looked at again; nothing for one that was closed or dialed.
    until   integer,
    -- What the reason was about, as JSON: row ids and counts, never a number or a name.
    detail  text check (json_valid(detail))
) strict;

create index decision_case on decision (case_id, id);

-- What is known of a patient that may stop a follow-up. A state holds from `since` up to, not including, `until`. Whether
-- a patient has died is in `patient.deceased`; a row here says since when and from whom it is known.
create table patient_state (
    id         integer not null primary key,
    patient_id integer not null references patient (id),
    state      text    not null check (state in ('deceased', 'readmitted', 'transferred', 'complaint_open')),
    since      integer not null,
    until      integer,
    source     text    not null check (length(source) > 0),
    who        text,
    ended_by   text,
    check (until is null or until >= since),
    check (ended_by is null or until is not null)
) strict;

create index patient_state_patient on patient_state (patient_id, state, since);

-- Who is not called: a number or a patient; always, for one purpose or in one campaign; until `until` if that is set, or
-- until somebody ends it. An entry that was ended stays, with who did that and when.
drop view v_do_not_call;
alter table do_not_call rename to do_not_call_before;

create table do_not_call (
    id          integer not null primary key,
    digits      text,
    patient_id  integer references patient (id),
    level       text    not null default 'always' check (level in ('always', 'purpose', 'campaign')),
    purpose     text check (length(purpose) > 0),
    campaign_id integer references campaign (id),
    reason      text,
    -- Where it comes from: `key` or `attempt` for what was said in a call, else a command or a file.
    source      text    not null,
    who         text,
    attempt_id  integer references attempt (id),
    since       integer not null,
    until       integer,
    ended_at    integer,
    ended_by    text,
    check ((digits is null) <> (patient_id is null)),
    check ((level = 'purpose') = (purpose is not null)),
    check ((level = 'campaign') = (campaign_id is not null)),
    check ((ended_at is null) = (ended_by is null))
) strict;

insert into do_not_call (digits, since, source, attempt_id)
select digits, since, source, attempt_id from do_not_call_before order by since, digits;
drop table do_not_call_before;

create index do_not_call_digits on do_not_call (digits) where ended_at is null and digits is not null;
create index do_not_call_patient on do_not_call (patient_id) where ended_at is null and patient_id is not null;
create index do_not_call_attempt on do_not_call (attempt_id) where attempt_id is not null;

create view v_do_not_call as
select n.id, n.digits, p.patient_no, p.name, n.level, n.purpose, m.name as campaign, n.reason, n.source, n.who,
    n.attempt_id, n.ended_by,
    strftime('%Y-%m-%d %H:%M:%S', n.since / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= n.since order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as since_local,
    strftime('%Y-%m-%d %H:%M:%S', n.until / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= n.until order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as until_local,
    strftime('%Y-%m-%d %H:%M:%S', n.ended_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= n.ended_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as ended_local
from do_not_call n
left join patient p on p.id = n.patient_id
left join campaign m on m.id = n.campaign_id;

create view v_patient_state as
select s.id, p.patient_no, p.name, s.state, r.words, s.source, s.who, s.ended_by,
    strftime('%Y-%m-%d %H:%M:%S', s.since / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= s.since order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as since_local,
    strftime('%Y-%m-%d %H:%M:%S', s.until / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= s.until order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as until_local
from patient_state s
join patient p on p.id = s.patient_id
left join reason r on r.id = s.state;

create view v_decision as
select d.id, d.case_id, m.name as campaign, e.visit_no, p.patient_no, p.name, d.why, r.words, d.detail,
    strftime('%Y-%m-%d %H:%M:%S', d.at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= d.at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as at_local,
    strftime('%Y-%m-%d %H:%M:%S', d.until / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= d.until order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as until_local
from decision d
join cases c on c.id = d.case_id
join campaign m on m.id = c.campaign_id
join encounter e on e.id = c.encounter_id
join patient p on p.id = e.patient_id
left join reason r on r.id = d.why;

drop view v_campaign;
create view v_campaign as
select c.id, c.name, c.purpose, c.state, c.lines, c.calls_per_second, c.dialplan_hash,
    strftime('%Y-%m-%d %H:%M:%S', c.created_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= c.created_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as created_local,
    strftime('%Y-%m-%d %H:%M:%S', c.started_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= c.started_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as started_local,
    strftime('%Y-%m-%d %H:%M:%S', c.stopped_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= c.stopped_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as stopped_local
from campaign c;

drop view v_case;
create view v_case as
select c.id, m.name as campaign, e.visit_no, p.patient_no, p.name, e.department, c.state, c.outcome,
    c.last_disposition, d.cause, c.attempts, c.counted, c.priority, c.why, r.words as why_words,
    strftime('%Y-%m-%d %H:%M:%S', c.due_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= c.due_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as due_local,
    strftime('%Y-%m-%d %H:%M:%S', c.next_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= c.next_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as next_local,
    strftime('%Y-%m-%d %H:%M:%S', c.appointment_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= c.appointment_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as appointment_local,
    strftime('%Y-%m-%d %H:%M:%S', c.deadline_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= c.deadline_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as deadline_local,
    strftime('%Y-%m-%d %H:%M:%S', c.why_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= c.why_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as why_local,
    strftime('%Y-%m-%d %H:%M:%S', c.why_until / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= c.why_until order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as why_until_local,
    strftime('%Y-%m-%d %H:%M:%S', c.closed_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= c.closed_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as closed_local
from cases c
join campaign m on m.id = c.campaign_id
join encounter e on e.id = c.encounter_id
join patient p on p.id = e.patient_id
left join disposition d on d.id = c.last_disposition
left join reason r on r.id = c.why;

-- Follow-up rules: sets with their versions, what they said of each encounter, switches, draws; cases have a round.

-- Rules of one name; a changed text is a new version. Four eyes: who writes a version does not review it.
create table rule_set (
    id          integer not null primary key,
    name        text    not null check (length(name) > 0),
    version     integer not null check (version >= 1),
    text        text    not null,
    -- What its draws begin with.
    seed        text    not null,
    state       text    not null default 'draft' check (state in ('draft', 'reviewed', 'running', 'ended')),
    created_by  text    not null check (length(created_by) > 0),
    created_at  integer not null,
    reviewed_by text,
    reviewed_at integer,
    released_by text,
    released_at integer,
    ended_by    text,
    ended_at    integer,
    -- Encounters up to this one have been decided since the release; later ones stand in `rule_pending`.
    decided_to  integer not null default 0,
    -- The last encounter that there was at the release.
    last_old    integer not null default 0,
    unique (name, version),
    check (reviewed_by is null or reviewed_by <> created_by),
    check ((reviewed_by is null) = (reviewed_at is null)),
    check (state not in ('reviewed', 'running') or reviewed_by is not null),
    check ((released_by is null) = (released_at is null)),
    check (state <> 'running' or released_by is not null)
) strict;

create unique index rule_set_running on rule_set (name) where state = 'running';

-- `case` is a reserved word of SQL, hence the plural. A case is now one round of an encounter in a campaign: the table is
-- written anew, for SQLite changes no unique constraint. References to it are looked at when all is done.
pragma defer_foreign_keys = on;
create index call_back_case on call_back (case_id) where case_id is not null;
create table cases_before as select * from cases;
drop table cases;

create table cases (
    id               integer not null primary key,
    campaign_id      integer not null references campaign (id),
    encounter_id     integer not null references encounter (id),
    -- Which follow-up of the encounter in the campaign.
    round            integer not null default 1 check (round >= 1),
    -- The rule that made it; nothing for one that a list or a person made.
    rule_set_id      integer references rule_set (id),
    rule             text,
    -- Who does it, where a sample is split over roles.
    role             text,
    due_at           integer not null,
    next_at          integer not null,
    deadline_at      integer,
    state            text    not null default 'open' check (state in ('open', 'closed')),
    outcome          text check (outcome in ('completed', 'partial', 'refused', 'not_reached', 'number_dead',
                                             'not_eligible', 'expired', 'withdrawn')),
    closed_at        integer,
    counted          integer not null default 0 check (counted >= 0),
    attempts         integer not null default 0 check (attempts >= counted),
    last_disposition text references disposition (id),
    lease_until      integer,
    lease_holder     text,
    lease_number_id  integer references number (id),
    created_at       integer not null,
    priority         integer not null default 0 check (priority between -32768 and 32767),
    -- The time at which the patient asked to be called.
    appointment_at   integer,
    -- The last decision: a `reason`, when it was taken, and until when it holds.
    why              text,
    why_at           integer,
    why_until        integer,
    unique (campaign_id, encounter_id, round),
    check ((rule_set_id is null) = (rule is null)),
    check ((state = 'closed') = (outcome is not null)),
    check ((state = 'closed') = (closed_at is not null)),
    check ((lease_until is null) = (lease_holder is null)),
    check (state = 'open' or lease_until is null)
) strict;

insert into cases (id, campaign_id, encounter_id, due_at, next_at, deadline_at, state, outcome, closed_at, counted,
    attempts, last_disposition, lease_until, lease_holder, lease_number_id, created_at, priority, appointment_at, why,
    why_at, why_until)
select id, campaign_id, encounter_id, due_at, next_at, deadline_at, state, outcome, closed_at, counted,
    attempts, last_disposition, lease_until, lease_holder, lease_number_id, created_at, priority, appointment_at, why,
    why_at, why_until
from cases_before order by id;
drop table cases_before;

create index cases_due on cases (campaign_id, priority, next_at, due_at, id) where state = 'open';
create index cases_appointment on cases (campaign_id, appointment_at) where state = 'open' and appointment_at is not null;
create index cases_leased on cases (lease_number_id) where lease_number_id is not null;
create index cases_encounter on cases (encounter_id);
create index cases_campaign on cases (campaign_id, id);

-- What the rules of a set said of an encounter, round by round; round 0 where no follow-up came of it. Rules about other
-- kinds of events have no row.
create table rule_decision (
    id           integer not null primary key,
    encounter_id integer not null references encounter (id),
    rule_set_id  integer not null references rule_set (id),
    rule         text    not null,
    round        integer not null check (round >= 0),
    decided      text    not null,
    -- What `why` tells, as JSON; nothing once the patient was erased.
    detail       text check (json_valid(detail)),
    case_id      integer references cases (id),
    -- Of an event in the base of a sample.
    period       text,
    period_until integer,
    stratum      text,
    at           integer not null,
    unique (encounter_id, rule_set_id, rule, round),
    check ((period is null) = (stratum is null)),
    check ((period is null) = (period_until is null))
) strict;

create index rule_decision_base on rule_decision (rule_set_id, rule, period) where period is not null;
create index rule_decision_waits on rule_decision (rule_set_id, period_until, rule, period) where decided = 'waits';

-- Each draw of a sample, stratum by stratum: with the seed and the base it can be repeated.
create table rule_draw (
    id          integer not null primary key,
    rule_set_id integer not null references rule_set (id),
    rule        text    not null,
    period      text    not null,
    stratum     text    not null,
    -- In millionths.
    fraction    integer not null check (fraction between 1 and 1000000),
    base        integer not null check (base >= 0),
    taken       integer not null check (taken between 0 and base),
    seed        text    not null,
    at          integer not null,
    unique (rule_set_id, rule, period, stratum, at)
) strict;

-- Encounters that are new or were corrected, and that the running rules have not decided since.
create table rule_pending (
    encounter_id integer not null primary key
) strict;

create trigger rule_encounter_added after insert on encounter
when exists (select 1 from rule_set where state = 'running')
begin
    insert or ignore into rule_pending (encounter_id) values (new.id);
end;

create trigger rule_encounter_changed after update on encounter
when new.updated_at <> old.updated_at and exists (select 1 from rule_set where state = 'running')
begin
    insert or ignore into rule_pending (encounter_id) values (new.id);
end;

create trigger rule_patient_changed after update on patient
when new.updated_at <> old.updated_at and exists (select 1 from rule_set where state = 'running')
begin
    insert or ignore into rule_pending (encounter_id) select id from encounter where patient_id = new.id;
end;

create trigger rule_number_added after insert on number
when exists (select 1 from rule_set where state = 'running')
begin
    insert or ignore into rule_pending (encounter_id) select id from encounter where patient_id = new.patient_id;
end;

-- When which switch was on, who turned it, and why; rows are only ended, never changed.
create table switch (
    id       integer not null primary key,
    name     text    not null check (length(name) > 0),
    area     text,
    since    integer not null,
    until    integer,
    reason   text    not null check (length(reason) > 0),
    who      text    not null check (length(who) > 0),
    at       integer not null,
    ended_by text,
    ended_at integer,
    check (until is null or until >= since),
    check ((ended_by is null) = (ended_at is null))
) strict;

create index switch_name on switch (name, since);

create view v_rule_decision as
select d.id, s.name as rule_set, s.version, d.rule, e.visit_no, p.patient_no, p.name, d.decided, d.round, d.case_id,
    d.period, d.stratum, d.detail,
    strftime('%Y-%m-%d %H:%M:%S', d.at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= d.at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as at_local
from rule_decision d
join rule_set s on s.id = d.rule_set_id
join encounter e on e.id = d.encounter_id
join patient p on p.id = e.patient_id;

create view v_switch as
select w.id, w.name, w.area, w.reason, w.who, w.ended_by,
    strftime('%Y-%m-%d %H:%M:%S', w.since / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= w.since order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as since_local,
    strftime('%Y-%m-%d %H:%M:%S', w.until / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= w.until order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as until_local
from switch w;

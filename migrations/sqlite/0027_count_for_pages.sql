-- What pages show of everything, counted ahead: how many cases a campaign has, and the tallies of reports by stretches of time,
-- so that a report of years adds up some thousand rows however finely its cases became due.

-- The cases of a campaign. Kept by the triggers below, whoever writes.
create table case_tally (
    campaign_id integer not null primary key references campaign (id),
    cases       integer not null,
    open        integer not null
) strict;

insert into case_tally (campaign_id, cases, open)
select m.id, (select count(*) from cases c indexed by cases_campaign where c.campaign_id = m.id),
    (select count(*) from cases c indexed by cases_due where c.campaign_id = m.id and c.state = 'open')
from campaign m;

create trigger case_is_tallied after insert on cases
begin
    insert into case_tally (campaign_id, cases, open) values (new.campaign_id, 1, new.state = 'open')
    on conflict do update set cases = cases + 1, open = open + excluded.open;
end;

create trigger case_is_tallied_again after update of campaign_id, state on cases
when old.campaign_id <> new.campaign_id or old.state <> new.state
begin
    update case_tally set cases = cases - 1, open = open - (old.state = 'open') where campaign_id = old.campaign_id;
    insert into case_tally (campaign_id, cases, open) values (new.campaign_id, 1, new.state = 'open')
    on conflict do update set cases = cases + 1, open = open + excluded.open;
end;

create trigger case_is_tallied_no_more after delete on cases
begin
    update case_tally set cases = cases - 1, open = open - (old.state = 'open') where campaign_id = old.campaign_id;
end;

-- The tallies of reports (migration 0023) once more, by stretches of 32 days since 1970: `due_at / 2764800000`. A report takes
-- the stretches that lie within its period whole, and the days before and after them from the finer tallies.

create table report_case_stretch (
    campaign_id integer not null,
    stretch     integer not null,
    department  text    not null,
    outcome     text    not null,
    last        text    not null,
    attempted   integer not null,
    n           integer not null,
    primary key (campaign_id, stretch, department, outcome, last, attempted)
) strict, without rowid;

create table report_attempt_stretch (
    campaign_id    integer not null,
    stretch        integer not null,
    department     text    not null,
    disposition    text    not null,
    answered       integer not null,
    human          integer not null,
    recorded       integer not null,
    n              integer not null,
    keys           integer not null,
    recording_ms   integer not null,
    first_begun_at integer,
    last_ended_at  integer,
    primary key (campaign_id, stretch, department, disposition, answered, human, recorded)
) strict, without rowid;

create table report_answer_stretch (
    campaign_id integer not null,
    stretch     integer not null,
    department  text    not null,
    question    text    not null,
    kind        text    not null,
    value       text    not null,
    dialplan    text    not null,
    n           integer not null,
    primary key (campaign_id, stretch, department, question, kind, value, dialplan)
) strict, without rowid;

insert into report_case_stretch (campaign_id, stretch, department, outcome, last, attempted, n)
select campaign_id, due_at / 2764800000, department, outcome, last, attempted, sum(n) from report_case
group by 1, 2, 3, 4, 5, 6;

insert into report_attempt_stretch (campaign_id, stretch, department, disposition, answered, human, recorded, n, keys, recording_ms,
    first_begun_at, last_ended_at)
select campaign_id, due_at / 2764800000, department, disposition, answered, human, recorded, sum(n), sum(keys), sum(recording_ms),
    min(case when n > 0 then first_begun_at end), max(case when n > 0 then last_ended_at end)
from report_attempt group by 1, 2, 3, 4, 5, 6, 7;

insert into report_answer_stretch (campaign_id, stretch, department, question, kind, value, dialplan, n)
select campaign_id, due_at / 2764800000, department, question, kind, value, dialplan, sum(n) from report_answer
group by 1, 2, 3, 4, 5, 6, 7;

create trigger report_case_begins after insert on report_case
begin
    insert into report_case_stretch (campaign_id, stretch, department, outcome, last, attempted, n)
    values (new.campaign_id, new.due_at / 2764800000, new.department, new.outcome, new.last, new.attempted, new.n)
    on conflict do update set n = n + excluded.n;
end;

create trigger report_case_changes after update of n on report_case
begin
    insert into report_case_stretch (campaign_id, stretch, department, outcome, last, attempted, n)
    values (new.campaign_id, new.due_at / 2764800000, new.department, new.outcome, new.last, new.attempted, new.n - old.n)
    on conflict do update set n = n + excluded.n;
end;

create trigger report_case_ends after delete on report_case
begin
    update report_case_stretch set n = n - old.n
    where campaign_id = old.campaign_id and stretch = old.due_at / 2764800000 and department = old.department
        and outcome = old.outcome and last = old.last and attempted = old.attempted;
end;

create trigger report_attempt_begins after insert on report_attempt
begin
    insert into report_attempt_stretch (campaign_id, stretch, department, disposition, answered, human, recorded, n, keys,
        recording_ms, first_begun_at, last_ended_at)
    values (new.campaign_id, new.due_at / 2764800000, new.department, new.disposition, new.answered, new.human, new.recorded,
        new.n, new.keys, new.recording_ms, new.first_begun_at, new.last_ended_at)
    on conflict do update set n = n + excluded.n, keys = keys + excluded.keys, recording_ms = recording_ms + excluded.recording_ms,
        first_begun_at = min(coalesce(first_begun_at, excluded.first_begun_at), coalesce(excluded.first_begun_at, first_begun_at)),
        last_ended_at = max(coalesce(last_ended_at, excluded.last_ended_at), coalesce(excluded.last_ended_at, last_ended_at));
end;

create trigger report_attempt_changes after update of n, keys, recording_ms, first_begun_at, last_ended_at on report_attempt
begin
    insert into report_attempt_stretch (campaign_id, stretch, department, disposition, answered, human, recorded, n, keys,
        recording_ms, first_begun_at, last_ended_at)
    values (new.campaign_id, new.due_at / 2764800000, new.department, new.disposition, new.answered, new.human, new.recorded,
        new.n - old.n, new.keys - old.keys, new.recording_ms - old.recording_ms, new.first_begun_at, new.last_ended_at)
    on conflict do update set n = n + excluded.n, keys = keys + excluded.keys, recording_ms = recording_ms + excluded.recording_ms,
        first_begun_at = min(coalesce(first_begun_at, excluded.first_begun_at), coalesce(excluded.first_begun_at, first_begun_at)),
        last_ended_at = max(coalesce(last_ended_at, excluded.last_ended_at), coalesce(excluded.last_ended_at, last_ended_at));
end;

create trigger report_attempt_ends after delete on report_attempt
begin
    update report_attempt_stretch set n = n - old.n, keys = keys - old.keys, recording_ms = recording_ms - old.recording_ms
    where campaign_id = old.campaign_id and stretch = old.due_at / 2764800000 and department = old.department
        and disposition = old.disposition and answered = old.answered and human = old.human and recorded = old.recorded;
end;

create trigger report_answer_begins after insert on report_answer
begin
    insert into report_answer_stretch (campaign_id, stretch, department, question, kind, value, dialplan, n)
    values (new.campaign_id, new.due_at / 2764800000, new.department, new.question, new.kind, new.value, new.dialplan, new.n)
    on conflict do update set n = n + excluded.n;
end;

create trigger report_answer_changes after update of n on report_answer
begin
    insert into report_answer_stretch (campaign_id, stretch, department, question, kind, value, dialplan, n)
    values (new.campaign_id, new.due_at / 2764800000, new.department, new.question, new.kind, new.value, new.dialplan,
        new.n - old.n)
    on conflict do update set n = n + excluded.n;
end;

create trigger report_answer_ends after delete on report_answer
begin
    update report_answer_stretch set n = n - old.n
    where campaign_id = old.campaign_id and stretch = old.due_at / 2764800000 and department = old.department
        and question = old.question and kind = old.kind and value = old.value and dialplan = old.dialplan;
end;

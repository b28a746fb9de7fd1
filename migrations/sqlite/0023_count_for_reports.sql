-- What reports count, counted ahead: a month of a campaign is added up out of some thousand rows instead of being counted anew
-- over all of its cases. The figures of a case are in the tallies, or the case is among those that are yet to be counted: the
-- ones above `report_counted.up_to` and those of `report_uncounted`. Whatever changes a case that is counted takes it out of
-- the tallies first, by the triggers below, whoever writes; the daemon counts it again later (src/store/tally.rs). Here nothing
-- is counted: a database from before is, bit by bit, while the daemon runs.

create table report_case (
    campaign_id integer not null,
    due_at      integer not null,
    department  text    not null,
    outcome     text    not null,
    last        text    not null,
    attempted   integer not null,
    n           integer not null,
    primary key (campaign_id, due_at, department, outcome, last, attempted)
) strict, without rowid;

create table report_attempt (
    campaign_id    integer not null,
    due_at         integer not null,
    department     text    not null,
    disposition    text    not null,
    answered       integer not null,
    human          integer not null,
    recorded       integer not null,
    n              integer not null,
    keys           integer not null,
    recording_ms   integer not null,
    -- Never later, never earlier than any that was counted, also when that one was taken out again.
    first_begun_at integer,
    last_ended_at  integer,
    primary key (campaign_id, due_at, department, disposition, answered, human, recorded)
) strict, without rowid;

create table report_answer (
    campaign_id integer not null,
    due_at      integer not null,
    department  text    not null,
    question    text    not null,
    kind        text    not null,
    -- As text; none: empty.
    value       text    not null,
    dialplan    text    not null,
    n           integer not null,
    primary key (campaign_id, due_at, department, question, kind, value, dialplan)
) strict, without rowid;

-- Up to which case everything was counted once.
create table report_counted (
    id    integer not null primary key check (id = 1),
    up_to integer not null
) strict;

insert into report_counted (id, up_to) values (1, 0);

-- Of these, the ones that changed since.
create table report_uncounted (
    case_id integer not null primary key
) strict;

-- The cases of a period, and those behind a figure, in the order in which they became due. An expression, so that it serves those
-- who ask for it and is taken for nothing else.
create index cases_became_due on cases (campaign_id + 0, due_at, id);

-- An answer as it counts: corrected, if somebody corrected it. Of each case and question the last one with a value counts, or
-- else the last one without.
create view answer_now as
select w.id, w.attempt_id, a.case_id, w.question, a.dialplan_hash as dialplan, w.at,
    case when x.id is null then w.kind else x.kind end as kind,
    case when x.id is null then w.value else x.value end as value,
    case when x.id is null then w.label else x.label end as label,
    x.id is not null as is_corrected, w.kind as given_kind, w.value as given_value, w.label as given_label
from attempt a indexed by attempt_kept join answer w on w.attempt_id = a.id
    left join correction x on x.id = (select max(o.id) from correction o
        where o.attempt_id = w.attempt_id and o.question = w.question)
where a.kept > 0;

create view report_case_now as
select c.id as case_id, c.campaign_id, c.due_at, coalesce(e.department, '') as department, coalesce(c.outcome, '') as outcome,
    coalesce(c.last_disposition, '') as last, c.attempts > 0 as attempted
from cases c join encounter e on e.id = c.encounter_id;

-- Without anything kept there is no key to look for; that is asked of an index, which does not read the attempt itself.
create view report_attempt_now as
select c.id as case_id, c.campaign_id, c.due_at, coalesce(e.department, '') as department,
    coalesce(a.disposition, '') as disposition, a.answered_at is not null as answered,
    exists (select 1 from attempt h indexed by attempt_kept where h.case_id = a.case_id and h.id = a.id and h.kept > 0)
        and exists (select 1 from pressed_key k where k.attempt_id = a.id) as human,
    r.attempt_id is not null as recorded, a.id as attempt_id, coalesce(r.duration_ms, 0) as recording_ms,
    a.begun_at, a.ended_at
from cases c join encounter e on e.id = c.encounter_id join attempt a on a.case_id = c.id
    left join recording r indexed by recording_length on r.attempt_id = a.id;

create view report_answer_now as
select c.id as case_id, c.campaign_id, c.due_at, coalesce(e.department, '') as department, w.question, w.kind,
    coalesce(cast(w.value as text), '') as value, w.dialplan
from cases c join encounter e on e.id = c.encounter_id join answer_now w on w.case_id = c.id
where w.id = (select o.id from answer_now o where o.case_id = c.id and o.question = w.question
    order by o.kind <> 'value', o.at desc, o.id desc limit 1);

create trigger report_uncounted_is_taken_out after insert on report_uncounted
begin
    insert into report_case (campaign_id, due_at, department, outcome, last, attempted, n)
    select campaign_id, due_at, department, outcome, last, attempted, -1 from report_case_now where case_id = new.case_id
    on conflict do update set n = n + excluded.n;

    insert into report_attempt (campaign_id, due_at, department, disposition, answered, human, recorded, n, keys, recording_ms)
    select campaign_id, due_at, department, disposition, answered, human, recorded, -count(*),
        -sum(case when human then (select count(*) from pressed_key k where k.attempt_id = s.attempt_id) else 0 end),
        -sum(recording_ms)
    from report_attempt_now s where case_id = new.case_id
    group by campaign_id, due_at, department, disposition, answered, human, recorded
    on conflict do update set n = n + excluded.n, keys = keys + excluded.keys, recording_ms = recording_ms + excluded.recording_ms;

    insert into report_answer (campaign_id, due_at, department, question, kind, value, dialplan, n)
    select campaign_id, due_at, department, question, kind, value, dialplan, -count(*)
    from report_answer_now where case_id = new.case_id
    group by campaign_id, due_at, department, question, kind, value, dialplan
    on conflict do update set n = n + excluded.n;
end;

create trigger case_changes before update of campaign_id, encounter_id, due_at, outcome, attempts, last_disposition on cases
when (old.campaign_id, old.encounter_id, old.due_at, old.outcome, old.attempts > 0, old.last_disposition)
    is not (new.campaign_id, new.encounter_id, new.due_at, new.outcome, new.attempts > 0, new.last_disposition)
begin
    insert into report_uncounted (case_id)
    select old.id where old.id <= (select t.up_to from report_counted t)
        and not exists (select 1 from report_uncounted u where u.case_id = old.id);
end;

create trigger case_goes before delete on cases
begin
    insert into report_uncounted (case_id)
    select old.id where old.id <= (select t.up_to from report_counted t)
        and not exists (select 1 from report_uncounted u where u.case_id = old.id);
end;

create trigger case_of_attempt_changes before insert on attempt
when new.case_id is not null
begin
    insert into report_uncounted (case_id)
    select new.case_id where new.case_id <= (select t.up_to from report_counted t)
        and not exists (select 1 from report_uncounted u where u.case_id = new.case_id);
end;

create trigger case_of_attempt_changes_again before update of case_id, disposition, answered_at, begun_at, ended_at, kept, dialplan_hash on attempt
when old.case_id is not null
begin
    insert into report_uncounted (case_id)
    select old.case_id where old.case_id <= (select t.up_to from report_counted t)
        and not exists (select 1 from report_uncounted u where u.case_id = old.case_id);
end;

create trigger case_of_attempt_goes before delete on attempt
when old.case_id is not null
begin
    insert into report_uncounted (case_id)
    select old.case_id where old.case_id <= (select t.up_to from report_counted t)
        and not exists (select 1 from report_uncounted u where u.case_id = old.case_id);
end;

create trigger case_of_key_changes before insert on pressed_key
begin
    insert into report_uncounted (case_id)
    select a.case_id from attempt a where a.id = new.attempt_id and a.case_id <= (select t.up_to from report_counted t)
        and not exists (select 1 from report_uncounted u where u.case_id = a.case_id);
end;

create trigger case_of_key_goes before delete on pressed_key
begin
    insert into report_uncounted (case_id)
    select a.case_id from attempt a where a.id = old.attempt_id and a.case_id <= (select t.up_to from report_counted t)
        and not exists (select 1 from report_uncounted u where u.case_id = a.case_id);
end;

create trigger case_of_answer_changes before insert on answer
begin
    insert into report_uncounted (case_id)
    select a.case_id from attempt a where a.id = new.attempt_id and a.case_id <= (select t.up_to from report_counted t)
        and not exists (select 1 from report_uncounted u where u.case_id = a.case_id);
end;

create trigger case_of_answer_changes_again before update of question, kind, value, at on answer
begin
    insert into report_uncounted (case_id)
    select a.case_id from attempt a where a.id = old.attempt_id and a.case_id <= (select t.up_to from report_counted t)
        and not exists (select 1 from report_uncounted u where u.case_id = a.case_id);
end;

create trigger case_of_answer_goes before delete on answer
begin
    insert into report_uncounted (case_id)
    select a.case_id from attempt a where a.id = old.attempt_id and a.case_id <= (select t.up_to from report_counted t)
        and not exists (select 1 from report_uncounted u where u.case_id = a.case_id);
end;

create trigger case_of_recording_changes before insert on recording
begin
    insert into report_uncounted (case_id)
    select a.case_id from attempt a where a.id = new.attempt_id and a.case_id <= (select t.up_to from report_counted t)
        and not exists (select 1 from report_uncounted u where u.case_id = a.case_id);
end;

create trigger case_of_recording_changes_again before update of duration_ms on recording
begin
    insert into report_uncounted (case_id)
    select a.case_id from attempt a where a.id = old.attempt_id and a.case_id <= (select t.up_to from report_counted t)
        and not exists (select 1 from report_uncounted u where u.case_id = a.case_id);
end;

create trigger case_of_recording_goes before delete on recording
begin
    insert into report_uncounted (case_id)
    select a.case_id from attempt a where a.id = old.attempt_id and a.case_id <= (select t.up_to from report_counted t)
        and not exists (select 1 from report_uncounted u where u.case_id = a.case_id);
end;

create trigger case_of_correction_changes before insert on correction
begin
    insert into report_uncounted (case_id)
    select a.case_id from attempt a where a.id = new.attempt_id and a.case_id <= (select t.up_to from report_counted t)
        and not exists (select 1 from report_uncounted u where u.case_id = a.case_id);
end;

create trigger case_of_correction_changes_again before update of kind, value on correction
begin
    insert into report_uncounted (case_id)
    select a.case_id from attempt a where a.id = old.attempt_id and a.case_id <= (select t.up_to from report_counted t)
        and not exists (select 1 from report_uncounted u where u.case_id = a.case_id);
end;

create trigger case_of_encounter_changes before update of department on encounter when old.department is not new.department
begin
    insert into report_uncounted (case_id)
    select c.id from cases c where c.encounter_id = old.id and c.id <= (select t.up_to from report_counted t)
        and not exists (select 1 from report_uncounted u where u.case_id = c.id);
end;

-- A call was told to be faster than its prompts when every key came into a prompt, which most patients' do. What is said of
-- calls from now on is in src/store/console/index.rs.
delete from call_flag where flag = 'faster_than_prompt' and account_id is null;

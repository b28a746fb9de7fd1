-- What QA finds calls by, hears, and says about them. The rows of calls from before are written when the database is next
-- opened (src/store/console/index.rs).

-- What the values of an answer are worth, 0 to 100: a call's lowest answer is found without reading dialplans.
create table worth (
    dialplan_hash text    not null references dialplan (hash),
    question      text    not null,
    value         integer not null,
    points        integer not null check (points between 0 and 100),
    primary key (dialplan_hash, question, value)
) strict, without rowid;

-- An answered call of a case, as the page of recordings finds it: one narrow row, written when the attempt ends.
create table replay (
    attempt_id   integer not null primary key references attempt (id),
    -- When it was answered.
    at           integer not null,
    campaign_id  integer not null references campaign (id),
    encounter_id integer not null references encounter (id),
    -- As they stood when it ended: whose call it is does not change when the patient moves on.
    department   text,
    doctor       text,
    disposition  text    not null references disposition (id),
    -- The points of the lowest answer.
    lowest       integer check (lowest between 0 and 100),
    length_ms    integer not null check (length_ms >= 0),
    -- Of the number dialed.
    last_four    text    check (length(last_four) = 4),
    -- The agent who made it.
    account_id   integer references account (id),
    -- How far its review is.
    review       text    not null default 'none' check (review in ('none', 'due', 'draft', 'signed', 'appealed'))
) strict;

create index replay_at on replay (at, attempt_id);
create index replay_campaign on replay (campaign_id, at, attempt_id);
create index replay_department on replay (department, at, attempt_id);
create index replay_doctor on replay (doctor, at, attempt_id);
create index replay_disposition on replay (disposition, at, attempt_id);
create index replay_account on replay (account_id, at, attempt_id) where account_id is not null;
create index replay_last_four on replay (last_four, at, attempt_id) where last_four is not null;
create index replay_encounter on replay (encounter_id, at, attempt_id);
create index replay_review on replay (review, at, attempt_id) where review <> 'none';
create index replay_lowest on replay (lowest, attempt_id) where lowest is not null;
create index replay_campaign_lowest on replay (campaign_id, lowest, attempt_id) where lowest is not null;
create index replay_department_lowest on replay (department, lowest, attempt_id) where lowest is not null;

-- How many there are: the counts beside the filters, and the totals. Kept by the triggers below, whoever writes.
create table replay_tally (
    department  text    not null,
    doctor      text    not null,
    campaign_id integer not null,
    disposition text    not null,
    count       integer not null check (count >= 0),
    primary key (department, doctor, campaign_id, disposition)
) strict, without rowid;

create trigger replay_is_counted after insert on replay
begin
    insert into replay_tally (department, doctor, campaign_id, disposition, count)
    values (coalesce(new.department, ''), coalesce(new.doctor, ''), new.campaign_id, new.disposition, 1)
    on conflict do update set count = count + 1;
end;

create trigger replay_is_counted_again after update of department, doctor, campaign_id, disposition on replay
begin
    update replay_tally set count = count - 1
    where department = coalesce(old.department, '') and doctor = coalesce(old.doctor, '')
        and campaign_id = old.campaign_id and disposition = old.disposition;
    insert into replay_tally (department, doctor, campaign_id, disposition, count)
    values (coalesce(new.department, ''), coalesce(new.doctor, ''), new.campaign_id, new.disposition, 1)
    on conflict do update set count = count + 1;
end;

-- What is remarkable about a call: found by the program when it ended, or put there by a person.
create table call_flag (
    attempt_id integer not null references attempt (id),
    flag       text    not null check (length(flag) between 1 and 40),
    -- When the call was answered: flagged calls are found by it.
    at         integer not null,
    -- Who put it there; nobody: the program.
    account_id integer references account (id),
    set_at     integer not null,
    primary key (attempt_id, flag)
) strict, without rowid;

create index call_flag_flag on call_flag (flag, at, attempt_id);

-- What people say about a moment of a call. One that was taken back is struck, not gone.
create table call_comment (
    id         integer not null primary key,
    attempt_id integer not null references attempt (id),
    account_id integer not null references account (id),
    at_ms      integer not null check (at_ms >= 0),
    text       text    not null check (length(text) between 1 and 2000),
    made_at    integer not null,
    struck_at  integer
) strict;

create index call_comment_attempt on call_comment (attempt_id, at_ms, id);

-- Who heard which seconds of a call: what was served, neighbours joined, sitting by sitting. The audit log has the sitting.
create table listening (
    id         integer not null primary key,
    attempt_id integer not null references attempt (id),
    account_id integer not null references account (id),
    audit_id   integer not null references audit (id),
    from_ms    integer not null check (from_ms >= 0),
    to_ms      integer not null check (to_ms >= from_ms),
    -- How many requests served it.
    requests   integer not null default 1,
    first_at   integer not null,
    last_at    integer not null,
    reason     text
) strict;

create index listening_attempt on listening (attempt_id, first_at, id);
create index listening_sitting on listening (account_id, attempt_id, last_at);

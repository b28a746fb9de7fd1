-- Which numbers an agent may dial, where a recording was paused, an agent who is free while the patient is with a
-- department, and the order of cases by hand.

-- A number that is no case's begins with one of these where the agent has any, and with one of the settings besides.
create table agent_prefix (
    account_id integer not null references account (id),
    prefix     text    not null check (length(prefix) between 1 and 10 and prefix not glob '*[^0-9]*'),
    primary key (account_id, prefix)
) strict, without rowid;

-- Where a recording is silent because it was paused: counted from its begin. Rows are only added, with its attempt's end.
create table recording_pause (
    attempt_id integer not null references attempt (id),
    offset_ms  integer not null check (offset_ms >= 0),
    length_ms  integer not null check (length_ms >= 0),
    primary key (attempt_id, offset_ms)
) strict, without rowid;

create trigger recording_pause_is_never_changed before update on recording_pause
begin
    select raise(abort, 'where a recording was paused is never changed');
end;

-- When the agent let the patient go to a department: the outcome may be chosen and the conversation settled while the
-- patient still talks there.
alter table conversation add column left_at integer;
-- What was chosen meanwhile, to be carried out with the attempt's end.
alter table conversation add column deferred text check (json_valid(deferred));

-- As before; but how the patient's leg ended is written down, once, also when the agent was through with it before.
drop trigger conversation_is_settled;

create trigger conversation_is_settled before update of account_id, case_id, number_id, origin, begun_at, attempt_id, refused,
    agent_answered_at, agent_ending, agent_status, agent_cause, patient_answered_at, ended_at, outcome, chosen_at, settled_at,
    left_at on conversation when old.settled_at is not null
begin
    select raise(abort, 'a settled conversation is never changed');
end;

create trigger conversation_patient_is_settled before update of patient_ending, patient_status, patient_cause on conversation
    when old.settled_at is not null and (old.left_at is null or old.patient_ending is not null)
begin
    select raise(abort, 'a settled conversation is never changed');
end;

-- The open cases of a campaign in the order in which they come before agents; by an expression, so that no other query
-- takes it for its own.
create index cases_by_hand on cases (campaign_id + 0, priority, coalesce(deadline_at, 9223372036854775807), next_at, id)
    where state = 'open';

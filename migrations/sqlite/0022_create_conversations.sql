-- Agents: what they are doing, the conversations that they hold, what they write down, and the phones on their desks.

-- A person who calls. Whoever has no row here calls with the bounds that stand below as defaults.
create table agent (
    account_id  integer not null primary key references account (id),
    -- A desk phone behind the hospital's exchange: its number, and the trunk that leads there. Without it the phones
    -- that register under the account ring.
    trunk       text    check (length(trunk) > 0),
    digits      text    check (length(digits) between 1 and 21),
    -- Conversations begun in one local day.
    calls_a_day integer not null default 300 check (calls_a_day > 0),
    preview_s   integer not null default 30 check (preview_s between 5 and 600),
    wrap_up_s   integer not null default 120 check (wrap_up_s between 5 and 3600),
    check ((trunk is null) = (digits is null))
) strict;

-- Whom an agent may get. Of a kind that is not named here an agent takes everybody.
create table agent_skill (
    account_id integer not null references account (id),
    kind       text    not null check (kind in ('department', 'language', 'campaign')),
    word       text    not null check (length(word) between 1 and 100),
    primary key (account_id, kind, word)
) strict, without rowid;

-- What the patient speaks, where that matters: a call that ended as `language` says it.
alter table patient add column language text check (length(language) between 1 and 40);

-- The phones that register to the daemon, and who sits at them.
create table phone (
    -- The user part of its address of record, and the user name of its credentials.
    user        text    not null primary key check (length(user) between 1 and 64),
    -- Whose it is; a phone of nobody registers and is called by nobody.
    account_id  integer references account (id),
    -- H(user:realm:password) in place of the password (RFC 7616): good for this realm only.
    realm       text    not null check (length(realm) between 1 and 128),
    ha1_sha256  text    check (length(ha1_sha256) = 64),
    ha1_md5     text    check (length(ha1_md5) = 32),
    created_at  integer not null,
    changed_at  integer not null,
    check (ha1_sha256 is not null or ha1_md5 is not null)
) strict;

create index phone_account on phone (account_id) where account_id is not null;

-- Why agents pause, in the words of screens; a row may be added.
create table pause_reason (
    id   text    not null primary key check (length(id) between 1 and 40),
    zh   text    not null,
    en   text    not null,
    rank integer not null
) strict;

insert into pause_reason (id, zh, en, rank) values
    ('rest', '小休', 'Break', 1), ('meal', '用餐', 'Meal', 2), ('meeting', '会议', 'Meeting', 3),
    ('training', '培训', 'Training', 4), ('paperwork', '整理资料', 'Paperwork', 5), ('other', '其他', 'Other', 6);

-- Since when an agent was ready, paused or away; rows are only added, and ended once.
create table presence (
    id         integer not null primary key,
    account_id integer not null references account (id),
    state      text    not null check (state in ('away', 'ready', 'paused')),
    reason     text    references pause_reason (id),
    from_at    integer not null,
    until_at   integer check (until_at >= from_at),
    check ((state = 'paused') = (reason is not null))
) strict;

create unique index presence_open on presence (account_id) where until_at is null;
create index presence_account on presence (account_id, from_at);

-- What sets rules of a call aside, once: who granted it, to whom, and why. A number's lock is never set aside.
create table call_grant (
    id         integer not null primary key,
    case_id    integer not null references cases (id),
    -- Who may use it.
    account_id integer not null references account (id),
    granted_by integer not null references account (id),
    reason     text    not null check (length(reason) between 1 and 200),
    at         integer not null,
    until      integer not null check (until > at),
    used_by    integer references attempt (id)
) strict;

create index call_grant_case on call_grant (case_id, account_id, until);

-- Which agent made it; who let it pass the rules, why, and which of them it set aside, as a list of reasons.
alter table attempt add column account_id integer references account (id);
alter table attempt add column granted_by integer references account (id);
alter table attempt add column grant_reason text check (length(grant_reason) between 1 and 200);
alter table attempt add column set_aside text check (json_valid(set_aside));
-- What the facts alone said, where an agent said otherwise.
alter table attempt add column classified text references disposition (id);

create index attempt_account on attempt (account_id, begun_at) where account_id is not null;

-- A case before an agent, and then one agent's leg and one patient's leg. On disk before it is shown, and before any
-- telephone rings. While it is not settled, the lease of its case keeps the machine away.
create table conversation (
    -- autoincrement: browsers name conversations in what they ask, so an id never comes back.
    id                  integer not null primary key autoincrement,
    account_id          integer not null references account (id),
    -- Of a caller whom nobody knows, none.
    case_id             integer references cases (id),
    number_id           integer references number (id),
    -- The next one in order; picked on the patient's page; the patient asked the machine for a person; the patient called us.
    origin              text    not null check (origin in ('next', 'picked', 'asked_for', 'called_in')),
    begun_at            integer not null,
    -- Until when it is looked at; nothing where there is no preview.
    preview_until       integer,
    -- Why it was put back without a call: a person's words, or `preview_over`.
    skipped             text    check (length(skipped) between 1 and 200),
    -- It is not before the same agent again until then.
    skipped_until       integer,
    -- The patient's leg: nothing until it is begun.
    attempt_id          integer unique references attempt (id),
    -- Why the patient was not called: a word of the rules.
    refused             text,
    agent_answered_at   integer,
    -- How the legs ended: words of `dialer::LegEnd`, the SIP status and the Q.850 cause where there is one.
    agent_ending        text,
    agent_status        integer,
    agent_cause         integer,
    patient_answered_at integer,
    patient_ending      text,
    patient_status      integer,
    patient_cause       integer,
    ended_at            integer,
    -- What the agent said came of it, forced at the end.
    outcome             text    references disposition (id),
    cause               text    check (length(cause) <= 200),
    chosen_at           integer,
    -- Wrap-up is over: from now on nothing of it changes.
    settled_at          integer,
    check ((outcome is null) = (chosen_at is null)),
    check (settled_at is null or ended_at is not null)
) strict;

create index conversation_account on conversation (account_id, begun_at, id);
create index conversation_case on conversation (case_id, id) where case_id is not null;
create index conversation_skipped on conversation (account_id, skipped_until, case_id) where skipped_until is not null;
-- An agent has one at a time that is not settled, and so has a case.
create unique index conversation_open on conversation (account_id) where settled_at is null;
create unique index conversation_open_case on conversation (case_id) where settled_at is null;

-- The words of `cause` and `skipped` may go when a patient is erased; nothing else ever changes.
create trigger conversation_is_settled before update of account_id, case_id, number_id, origin, begun_at, attempt_id, refused,
    agent_answered_at, agent_ending, agent_status, agent_cause, patient_answered_at, patient_ending, patient_status,
    patient_cause, ended_at, outcome, chosen_at, settled_at on conversation when old.settled_at is not null
begin
    select raise(abort, 'a settled conversation is never changed');
end;

-- How it went, as it went: `dialer::Noteworthy` as JSON; rows are only added.
create table conversation_event (
    conversation_id integer not null references conversation (id),
    seq             integer not null check (seq >= 1),
    at              integer not null,
    account_id      integer not null references account (id),
    what            text    not null check (json_valid(what)),
    primary key (conversation_id, seq)
) strict, without rowid;

create trigger conversation_event_is_never_changed before update on conversation_event
begin
    select raise(abort, 'how a conversation went is never changed');
end;

-- Who gave an answer: the patient by a key or a word, or an agent for the patient.
alter table answer add column source text not null default 'patient' check (source in ('patient', 'agent'));
alter table answer add column account_id integer references account (id);
-- What was written beside it.
alter table answer add column remark text check (length(remark) <= 500);

-- Answers that were replaced during the call, as they stood; rows are only added.
create table answer_before (
    id          integer not null primary key,
    attempt_id  integer not null references attempt (id),
    question    text    not null,
    kind        text    not null,
    value       integer,
    label       text,
    keys        text    not null,
    source      text    not null,
    account_id  integer references account (id),
    at          integer not null,
    replaced_at integer not null
) strict;

create index answer_before_attempt on answer_before (attempt_id, question, id);

create trigger answer_before_is_never_changed before update on answer_before
begin
    select raise(abort, 'what an answer was is never changed');
end;

-- What an agent writes about a case: one open sheet for each, saved while it is written, closed with the conversation.
create table note (
    id         integer not null primary key,
    case_id    integer not null references cases (id),
    account_id integer not null references account (id),
    attempt_id integer references attempt (id),
    text       text    not null check (length(text) <= 4000),
    -- Counts the savings: an older one never replaces a newer one.
    version    integer not null check (version >= 1),
    begun_at   integer not null,
    saved_at   integer not null,
    closed_at  integer
) strict;

create unique index note_open on note (case_id, account_id) where closed_at is null;
create index note_case on note (case_id, id);

-- It may only be emptied: when its patient is erased.
create trigger note_is_closed before update on note when old.closed_at is not null and new.text <> ''
begin
    select raise(abort, 'a closed note is never changed');
end;

-- A problem found in a follow-up, for a department to look into.
create table ticket (
    id              integer not null primary key,
    case_id         integer not null references cases (id),
    conversation_id integer references conversation (id),
    department      text    not null check (length(department) between 1 and 100),
    text            text    not null check (length(text) between 1 and 2000),
    due_at          integer not null,
    state           text    not null default 'open' check (state in ('open', 'in_hand', 'closed')),
    opened_at       integer not null,
    opened_by       integer not null references account (id),
    changed_at      integer,
    changed_by      integer references account (id),
    -- What was done about it.
    result          text    check (length(result) between 1 and 2000),
    check (state <> 'closed' or result is not null)
) strict;

create index ticket_state on ticket (state, due_at, id);
create index ticket_department on ticket (department, state, due_at, id);
create index ticket_case on ticket (case_id, id);

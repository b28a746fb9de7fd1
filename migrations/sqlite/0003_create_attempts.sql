-- What was tried and what came of it: written before the INVITE, key by key, and once at the end.

create table attempt (
    -- autoincrement: an attempt names its recording file and its Call-ID, so its id never comes back.
    id               integer not null primary key autoincrement,
    case_id          integer references cases (id),
    number_id        integer references number (id),
    digits           text    not null,
    trunk            text    not null,
    ordinal          integer not null check (ordinal >= 1),
    is_test          integer not null default 0 check (is_test in (0, 1)),
    state            text    not null default 'begun' check (state in ('begun', 'ended')),
    begun_at         integer not null,
    answered_at      integer,
    ended_at         integer,
    disposition      text references disposition (id),
    rule             text,
    facts            text check (json_valid(facts)),
    packets_sent     integer not null default 0,
    packets_received integer not null default 0,
    packets_lost     integer not null default 0,
    gap_ms_max       integer not null default 0,
    dialplan_hash    text    not null references dialplan (hash),
    session          text,
    kept             integer not null default 0,
    check ((is_test = 1) = (case_id is null)),
    check ((state = 'ended') = (ended_at is not null)),
    check ((state = 'ended') = (disposition is not null))
) strict;

create index attempt_case on attempt (case_id, id);
-- At most one attempt of a case is under way; the database itself says so.
create unique index attempt_open_case on attempt (case_id) where state = 'begun';
create index attempt_open_digits on attempt (digits) where state = 'begun';

create table pressed_key (
    attempt_id integer not null references attempt (id),
    seq        integer not null check (seq >= 1),
    key        text    not null check (length(key) = 1),
    at         integer not null,
    at_ms      integer not null,
    source     text    not null,
    during     text,
    question   text,
    primary key (attempt_id, seq)
) strict;

create table answer (
    id         integer not null primary key,
    attempt_id integer not null references attempt (id),
    question   text    not null,
    kind       text    not null check (kind in ('value', 'refused', 'silent', 'invalid')),
    value      integer,
    label      text,
    keys       text    not null,
    keep_seq   integer not null,
    at         integer not null,
    unique (attempt_id, question),
    check ((kind = 'value') = (value is not null))
) strict;

create table recording (
    attempt_id  integer not null primary key references attempt (id),
    path        text    not null unique,
    duration_ms integer not null check (duration_ms >= 0),
    gap_ms      integer not null check (gap_ms >= 0),
    sha256      text    not null check (length(sha256) = 64)
) strict;

create table do_not_call (
    digits     text    not null primary key,
    since      integer not null,
    source     text    not null,
    attempt_id integer references attempt (id)
) strict;

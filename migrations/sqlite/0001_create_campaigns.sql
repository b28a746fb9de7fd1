-- What is asked, and in which campaign.
-- Times are milliseconds since 1970-01-01T00:00:00Z; the views of 0004 show them in local time.

create table meta (
    key   text not null primary key,
    value text not null
) strict;

-- Local time without the host's zone: from `from_at` on, local time is UTC plus `seconds`.
create table utc_offset (
    from_at integer not null primary key,
    seconds integer not null check (seconds between -86400 and 86400)
) strict;

-- Filled from the program's own list at every start: the identifiers and the users' words for them.
create table disposition (
    id       text    not null primary key,
    cause    text    not null,
    answered integer not null check (answered in (0, 1)),
    ours     integer not null check (ours in (0, 1)),
    rank     integer not null
) strict;

create table dialplan (
    hash      text    not null primary key,
    file      text    not null,
    text      text    not null,
    questions text    not null check (json_valid(questions)),
    kept_at   integer not null
) strict;

create table campaign (
    id               integer not null primary key,
    name             text    not null unique check (length(name) > 0),
    file             text    not null,
    dialplan_hash    text    not null references dialplan (hash),
    state            text    not null default 'draft' check (state in ('draft', 'running', 'stopped')),
    lines            integer check (lines > 0),
    calls_per_second real check (calls_per_second > 0),
    created_at       integer not null,
    started_at       integer,
    stopped_at       integer
) strict;

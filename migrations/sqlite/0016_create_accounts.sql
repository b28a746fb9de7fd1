-- People with accounts, their sessions, and the audit log of what they did.

create table account (
    id            integer not null primary key,
    account       text    not null unique check (length(account) between 1 and 64),
    name          text    not null check (length(name) > 0),
    role          text    not null check (role in ('administrator', 'supervisor', 'agent', 'qa', 'department_head', 'auditor')),
    department    text    check (length(department) > 0),
    -- Argon2id in the PHC string form.
    password      text    not null,
    -- The password was given by somebody else and must be changed at the next sign-in.
    password_due  integer not null default 0 check (password_due in (0, 1)),
    -- Wrong passwords in a row, and until when nobody may try again.
    failed        integer not null default 0 check (failed >= 0),
    locked_until  integer,
    created_at    integer not null,
    created_by    text    not null,
    last_seen_at  integer,
    -- Whoever left stays in the list, locked for good.
    ended_at      integer,
    ended_by      text,
    check ((ended_at is null) = (ended_by is null)),
    check (role <> 'department_head' or department is not null)
) strict;

create table session (
    id         integer not null primary key,
    -- SHA-256 of the token: who reads the database cannot sign in with it.
    token_hash text    not null unique check (length(token_hash) = 64),
    account_id integer not null references account (id),
    csrf       text    not null,
    address    text,
    agent      text,
    begun_at   integer not null,
    seen_at    integer not null,
    until      integer not null,
    ended_at   integer
) strict;

create index session_account on session (account_id, until);

-- What a request that creates was answered, so that the same request sent again creates nothing twice.
create table answered (
    account_id  integer not null references account (id),
    route       text    not null,
    -- The client's word for the request (the header Idempotency-Key).
    key         text    not null,
    body_sha256 text    not null check (length(body_sha256) = 64),
    at          integer not null,
    status      integer not null,
    kind        text    not null,
    body        blob    not null,
    primary key (account_id, route, key)
) strict;

create index answered_at on answered (at);

-- What was done, by whom, on whom and why. Each row's hash covers the row and the hash before it.
create table audit (
    id         integer not null primary key,
    at         integer not null,
    account_id integer,
    -- The account as it was called then; a command at the terminal stands as "os:NAME".
    who        text    not null,
    deed       text    not null,
    -- What it was done to, as "call:17"; it names no patient.
    object     text,
    reason     text,
    detail     text    check (json_valid(detail)),
    address    text,
    previous   text    not null check (length(previous) = 64),
    hash       text    not null check (length(hash) = 64)
) strict;

create index audit_object on audit (object, id);
create index audit_who on audit (who, id);
create index audit_deed on audit (deed, id);
create index audit_at on audit (at);

create trigger audit_is_never_changed before update on audit
begin
    select raise(abort, 'the audit log is never changed');
end;

create trigger audit_is_never_deleted before delete on audit
begin
    select raise(abort, 'the audit log is never deleted');
end;

-- Judging calls: scorecards, samples of calls to be judged, reviews, appeals, and corrections of answers.
-- What is published, drawn, signed or corrected never changes: triggers refuse it. The one exception is an attempt out of which
-- everything was taken that leads to a person (its number is "0"): then what people wrote about the call goes, too.

-- A version of a scorecard. `family` is the row of its first version.
create table scorecard (
    id           integer not null primary key,
    family       integer not null,
    version      integer not null check (version >= 1),
    state        text    not null default 'draft' check (state in ('draft', 'published')),
    zh           text    not null check (length(zh) between 1 and 100),
    en           text    not null check (length(en) between 1 and 100),
    items        text    not null check (json_valid(items)),
    created_at   integer not null,
    created_by   text    not null,
    published_at integer,
    published_by text,
    unique (family, version),
    check ((state = 'published') = (published_at is not null)),
    check ((published_at is null) = (published_by is null))
) strict;

create unique index scorecard_draft on scorecard (family) where state = 'draft';

create trigger scorecard_is_never_changed before update on scorecard when old.state = 'published'
begin
    select raise(abort, 'a published scorecard is never changed');
end;

create trigger scorecard_is_never_deleted before delete on scorecard when old.state = 'published'
begin
    select raise(abort, 'a published scorecard is never deleted');
end;

-- A draw of calls to be judged, with all that it takes to draw it again: the calls with recordings of a campaign that were
-- answered from `from_at` and before `to_at`, of attempts up to `last_attempt`.
create table sample (
    id               integer not null primary key,
    campaign_id      integer not null references campaign (id),
    scorecard_id     integer not null references scorecard (id),
    from_at          integer not null,
    to_at            integer not null check (to_at > from_at),
    seed             text    not null check (length(seed) between 1 and 64),
    -- Shares in hundredths of a percent.
    share            integer not null check (share between 0 and 10000),
    complaint_share  integer not null check (complaint_share between 0 and 10000),
    low_share        integer not null check (low_share between 0 and 10000),
    last_attempt     integer not null,
    -- How many calls there were to draw from, and SHA-256 over `frame`.
    population       integer not null check (population >= 0),
    population_hash  text    not null check (length(population_hash) = 64),
    -- They: a line for each with its attempt and its kind, `c` complaint, `l` low score, `o` other.
    frame            text    not null,
    drawn            integer not null check (drawn between 0 and population),
    reviewers        text    not null check (json_valid(reviewers)),
    due_at           integer not null,
    drawn_at         integer not null,
    drawn_by         text    not null,
    unique (campaign_id, from_at, to_at, seed)
) strict;

create trigger sample_is_never_changed before update on sample
begin
    select raise(abort, 'a sample is never changed');
end;

create trigger sample_is_never_deleted before delete on sample
begin
    select raise(abort, 'a sample is never deleted');
end;

-- One person's judgement of one call.
create table review (
    id           integer not null primary key,
    attempt_id   integer not null references attempt (id),
    scorecard_id integer not null references scorecard (id),
    -- Why there is one.
    kind         text    not null check (kind in ('sample', 'own', 'second', 'appeal')),
    -- A second opinion is of this review.
    first_id     integer references review (id),
    -- The reviewer; nobody: whoever claims it.
    account_id   integer references account (id),
    reviewer     text,
    state        text    not null default 'waiting' check (state in ('waiting', 'draft', 'signed')),
    marks        text    not null default '[]' check (json_valid(marks)),
    note         text    check (length(note) between 1 and 2000),
    due_at       integer not null,
    created_at   integer not null,
    saved_at     integer,
    signed_at    integer,
    score        integer check (score between 0 and 100),
    is_fatal     integer check (is_fatal in (0, 1)),
    -- SHA-256 over what was signed.
    hash         text    check (length(hash) = 64),
    check ((first_id is null) = (kind in ('sample', 'own'))),
    check (state = 'waiting' or account_id is not null),
    check ((account_id is null) = (reviewer is null)),
    check ((state = 'signed') = (signed_at is not null)),
    check ((state = 'signed') = (score is not null)),
    check ((state = 'signed') = (hash is not null)),
    check ((state = 'signed') = (is_fatal is not null))
) strict;

create index review_call on review (attempt_id, id);
-- A person judges a call once by a scorecard.
create unique index review_person on review (attempt_id, account_id, scorecard_id) where account_id is not null;
create index review_account on review (account_id, state, due_at, id);
create index review_state on review (state, kind, due_at, id);
create index review_first on review (first_id) where first_id is not null;
create index review_signed on review (signed_at, id) where state = 'signed';

create trigger review_is_never_changed before update on review
when old.state = 'signed' and not exists (select 1 from attempt a where a.id = old.attempt_id and a.digits = '0'
    and new.state = 'signed' and new.account_id = old.account_id and new.signed_at = old.signed_at and new.score = old.score
    and new.hash = old.hash and new.is_fatal = old.is_fatal and new.scorecard_id = old.scorecard_id
    and new.attempt_id = old.attempt_id and new.note is null)
begin
    select raise(abort, 'a signed review is never changed');
end;

create trigger review_is_never_deleted before delete on review
begin
    select raise(abort, 'a review is never deleted');
end;

-- What was drawn, why, and the review that came of it.
create table sample_call (
    sample_id  integer not null references sample (id),
    place      integer not null check (place >= 1),
    attempt_id integer not null references attempt (id),
    why        text    not null check (why in ('random', 'complaint', 'low_score')),
    review_id  integer not null references review (id),
    primary key (sample_id, place),
    unique (sample_id, attempt_id)
) strict, without rowid;

create index sample_call_review on sample_call (review_id);

create trigger sample_call_is_never_changed before update on sample_call
begin
    select raise(abort, 'a sample is never changed');
end;

create trigger sample_call_is_never_deleted before delete on sample_call
begin
    select raise(abort, 'a sample is never deleted');
end;

-- Somebody does not agree with a signed review: another person judges the call again.
create table appeal (
    id         integer not null primary key,
    review_id  integer not null unique references review (id),
    second_id  integer not null references review (id),
    account_id integer not null references account (id),
    who        text    not null,
    reason     text    not null check (length(reason) between 1 and 1000),
    at         integer not null
) strict;

create trigger appeal_is_never_changed before update on appeal
when not exists (select 1 from review r join attempt a on a.id = r.attempt_id where r.id = old.review_id and a.digits = '0')
begin
    select raise(abort, 'an appeal is never changed');
end;

create trigger appeal_is_never_deleted before delete on appeal
begin
    select raise(abort, 'an appeal is never deleted');
end;

-- A correction of an answer: the answer itself stays as it was. The latest one counts.
create table correction (
    id         integer not null primary key,
    attempt_id integer not null references attempt (id),
    question   text    not null,
    old_kind   text    not null,
    old_value  integer,
    old_label  text,
    kind       text    not null check (kind in ('value', 'refused', 'silent', 'invalid')),
    value      integer,
    label      text,
    reason     text    not null check (length(reason) between 1 and 1000),
    account_id integer not null references account (id),
    who        text    not null,
    at         integer not null,
    check ((kind = 'value') = (value is not null))
) strict;

create index correction_attempt on correction (attempt_id, question, id);
create index correction_at on correction (at, id);

create trigger correction_is_never_changed before update on correction
when not exists (select 1 from attempt a where a.id = old.attempt_id and a.digits = '0' and new.reason = '-'
    and new.attempt_id = old.attempt_id and new.question = old.question and new.who = old.who and new.at = old.at
    and (new.value is old.value or (new.value is null and old.value > 999999)))
begin
    select raise(abort, 'a correction is never changed');
end;

create trigger correction_is_never_deleted before delete on correction
begin
    select raise(abort, 'a correction is never deleted');
end;

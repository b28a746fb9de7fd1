-- Who may be called, on which numbers, the events that make a follow-up due, and the follow-ups that are due.

create table patient (
    id         integer not null primary key,
    patient_no text unique,
    name       text,
    sex        text check (sex in ('male', 'female')),
    birth      text,
    age        text,
    id_card    text,
    deceased   integer not null default 0 check (deceased in (0, 1)),
    created_at integer not null,
    updated_at integer not null
) strict;

create index patient_id_card on patient (id_card) where id_card is not null;

create table number (
    id         integer not null primary key,
    patient_id integer not null references patient (id),
    digits     text    not null check (length(digits) between 1 and 21),
    kind       text check (kind in ('mobile', 'landline')),
    owner      text check (owner in ('self', 'kin')),
    relation   text,
    rank       integer not null check (rank >= 0),
    state      text    not null default 'ok' check (state in ('ok', 'suspect', 'vacant', 'suspended', 'wrong')),
    extension  text,
    unique (patient_id, digits)
) strict;

create index number_digits on number (digits);

create table import_batch (
    id          integer not null primary key,
    campaign_id integer not null references campaign (id),
    file        text    not null,
    at          integer not null,
    added       integer not null default 0,
    updated     integer not null default 0,
    unchanged   integer not null default 0,
    refused     integer not null default 0
) strict;

create table encounter (
    id              integer not null primary key,
    visit_no        text    not null unique,
    patient_id      integer not null references patient (id),
    kind            text check (kind in ('inpatient', 'outpatient', 'emergency')),
    department      text,
    ward            text,
    bed             text,
    doctor          text,
    admitted_at     integer,
    discharged_at   integer,
    diagnoses       text,
    disposition     text,
    payer           text,
    cost            text,
    raw             text    not null default '{}' check (json_valid(raw)),
    import_batch_id integer references import_batch (id),
    created_at      integer not null,
    updated_at      integer not null
) strict;

create index encounter_patient on encounter (patient_id);

-- `case` is a reserved word of SQL, hence the plural.
create table cases (
    id               integer not null primary key,
    campaign_id      integer not null references campaign (id),
    encounter_id     integer not null references encounter (id),
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
    unique (campaign_id, encounter_id),
    check ((state = 'closed') = (outcome is not null)),
    check ((state = 'closed') = (closed_at is not null)),
    check ((lease_until is null) = (lease_holder is null)),
    check (state = 'open' or lease_until is null)
) strict;

-- The claim reads this index in its own order and stops at its limit.
create index cases_due on cases (campaign_id, next_at, due_at, id) where state = 'open';
create index cases_leased on cases (lease_number_id) where lease_number_id is not null;
create index cases_encounter on cases (encounter_id);
-- The export walks a campaign by this one.
create index cases_campaign on cases (campaign_id, id);

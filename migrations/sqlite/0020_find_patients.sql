-- What the pages of patients look things up by, and what people note of a patient.

-- The search box: a name or its beginning, the last four digits of a number.
create index patient_name on patient (name) where name is not null;
create index number_tail on number (substr(digits, -4));

-- The work list of number repair: patients with a number that does not lead to them.
create index number_bad on number (patient_id, state) where state <> 'ok';

-- Appointments of all campaigns in the order of their times.
create index cases_appointments on cases (appointment_at, id) where state = 'open' and appointment_at is not null;

-- What people note; rows are only added.
create table patient_note (
    id         integer not null primary key,
    patient_id integer not null references patient (id),
    at         integer not null,
    account_id integer references account (id),
    who        text    not null,
    text       text    not null check (length(text) between 1 and 2000)
) strict;

create index patient_note_patient on patient_note (patient_id, id);

-- Entries of a number or of a patient with those that were ended.
create index do_not_call_of_number on do_not_call (digits, id) where digits is not null;
create index do_not_call_of_patient on do_not_call (patient_id, id) where patient_id is not null;

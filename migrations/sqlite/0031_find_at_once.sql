-- Searches and lists that read a page, not everything that fits.

-- Of which departments a patient is, and which was the last, without a look at the encounters themselves.
drop index encounter_patient;
create index encounter_patient on encounter (patient_id, department, discharged_at, created_at);

-- The last four digits of a number, in the order of patients.
drop index number_tail;
create index number_tail on number (substr(digits, -4), patient_id);

-- Low points are seen along the time, before a call is read.
drop index replay_at;
drop index replay_campaign;
drop index replay_department;
drop index replay_doctor;
create index replay_at on replay (at, attempt_id, lowest);
create index replay_campaign on replay (campaign_id, at, attempt_id, lowest);
create index replay_department on replay (department, at, attempt_id, lowest);
create index replay_doctor on replay (doctor, at, attempt_id, lowest);

-- Calls to us to whom nobody has seen, which are few.
create index call_back_unseen on call_back (id) where seen_at is null;

-- The tickets that somebody opened.
create index ticket_opener on ticket (opened_by, state, due_at, id);

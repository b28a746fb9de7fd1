-- A number whose last call ended without any answer of the trunk may still be ringing: nobody dials it until then.
alter table attempt add column locked_until integer;
create index attempt_locked_digits on attempt (digits, locked_until) where locked_until is not null;

-- Who called us: one row for each call that a trunk brought, matched to a patient where the number is known.
create table call_back (
    id         integer not null primary key,
    at         integer not null,
    trunk      text    not null,
    digits     text,
    status     integer not null check (status between 300 and 699),
    patient_id integer references patient (id),
    case_id    integer references cases (id),
    check (patient_id is not null or case_id is null)
) strict;

create index call_back_at on call_back (at);
create index call_back_patient on call_back (patient_id) where patient_id is not null;

create view v_call_back as
select b.id, b.digits, b.trunk, b.status, p.patient_no, p.name, b.case_id, m.name as campaign, c.outcome,
    c.last_disposition, d.cause,
    strftime('%Y-%m-%d %H:%M:%S', b.at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= b.at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as at_local
from call_back b
left join patient p on p.id = b.patient_id
left join cases c on c.id = b.case_id
left join campaign m on m.id = c.campaign_id
left join disposition d on d.id = c.last_disposition;

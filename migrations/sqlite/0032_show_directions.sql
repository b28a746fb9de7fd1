-- Whoever reads the calls with their own tools sees which of them the patient made.
drop view v_attempt;
create view v_attempt as
select a.id, a.case_id, m.name as campaign, e.visit_no, p.name, a.direction, a.digits, a.trunk, a.ordinal, a.is_test,
    a.state, a.disposition, d.cause, a.rule,
    strftime('%Y-%m-%d %H:%M:%S', a.begun_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= a.begun_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as begun_local,
    strftime('%Y-%m-%d %H:%M:%S', a.answered_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= a.answered_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as answered_local,
    strftime('%Y-%m-%d %H:%M:%S', a.ended_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= a.ended_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as ended_local,
    (a.ended_at - a.answered_at) / 1000.0 as talk_s,
    r.path as recording, a.facts
from attempt a
left join cases c on c.id = a.case_id
left join campaign m on m.id = c.campaign_id
left join encounter e on e.id = c.encounter_id
left join patient p on p.id = e.patient_id
left join disposition d on d.id = a.disposition
left join recording r on r.attempt_id = a.id;

-- The same rows for people who open the database with their own tools: local times, names, the users' words.

create view v_campaign as
select c.id, c.name, c.state, c.lines, c.calls_per_second, c.dialplan_hash,
    strftime('%Y-%m-%d %H:%M:%S', c.created_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= c.created_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as created_local,
    strftime('%Y-%m-%d %H:%M:%S', c.started_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= c.started_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as started_local,
    strftime('%Y-%m-%d %H:%M:%S', c.stopped_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= c.stopped_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as stopped_local
from campaign c;

create view v_case as
select c.id, m.name as campaign, e.visit_no, p.patient_no, p.name, e.department, c.state, c.outcome,
    c.last_disposition, d.cause, c.attempts, c.counted,
    strftime('%Y-%m-%d %H:%M:%S', c.due_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= c.due_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as due_local,
    strftime('%Y-%m-%d %H:%M:%S', c.next_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= c.next_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as next_local,
    strftime('%Y-%m-%d %H:%M:%S', c.deadline_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= c.deadline_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as deadline_local,
    strftime('%Y-%m-%d %H:%M:%S', c.closed_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= c.closed_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as closed_local
from cases c
join campaign m on m.id = c.campaign_id
join encounter e on e.id = c.encounter_id
join patient p on p.id = e.patient_id
left join disposition d on d.id = c.last_disposition;

create view v_attempt as
select a.id, a.case_id, m.name as campaign, e.visit_no, p.name, a.digits, a.trunk, a.ordinal, a.is_test, a.state,
    a.disposition, d.cause, a.rule,
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

create view v_answer as
select w.id, w.attempt_id, a.case_id, m.name as campaign, e.visit_no, p.name, w.question, w.kind, w.value, w.label,
    w.keys, a.is_test,
    strftime('%Y-%m-%d %H:%M:%S', w.at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= w.at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as at_local
from answer w
join attempt a on a.id = w.attempt_id
left join cases c on c.id = a.case_id
left join campaign m on m.id = c.campaign_id
left join encounter e on e.id = c.encounter_id
left join patient p on p.id = e.patient_id;

create view v_pressed_key as
select k.attempt_id, k.seq, k.key, k.question, k.during, k.source, k.at_ms,
    strftime('%Y-%m-%d %H:%M:%S', k.at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= k.at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as at_local
from pressed_key k;

create view v_encounter as
select e.id, e.visit_no, p.patient_no, p.name, e.kind, e.department, e.ward, e.bed, e.doctor, e.diagnoses,
    e.disposition, e.payer, e.cost,
    strftime('%Y-%m-%d %H:%M:%S', e.admitted_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= e.admitted_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as admitted_local,
    strftime('%Y-%m-%d %H:%M:%S', e.discharged_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= e.discharged_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as discharged_local
from encounter e
join patient p on p.id = e.patient_id;

create view v_do_not_call as
select n.digits, n.source, n.attempt_id,
    strftime('%Y-%m-%d %H:%M:%S', n.since / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= n.since order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as since_local
from do_not_call n;

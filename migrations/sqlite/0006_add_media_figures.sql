-- How well an attempt could be heard, on both ways. Nothing where it was not measured: attempts from before this
-- migration, calls without sound, far ends that send no RTCP.

alter table attempt add column jitter_ms        integer check (jitter_ms >= 0);
alter table attempt add column rtt_ms           integer check (rtt_ms >= 0);
alter table attempt add column remote_lost      integer check (remote_lost >= 0);
alter table attempt add column remote_jitter_ms integer check (remote_jitter_ms >= 0);

create view v_media as
select a.id as attempt_id, m.name as campaign, a.trunk, a.disposition,
    strftime('%Y-%m-%d %H:%M:%S', a.begun_at / 1000 + coalesce(
        (select o.seconds from utc_offset o where o.from_at <= a.begun_at order by o.from_at desc limit 1),
        (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch') as begun_local,
    a.packets_received, a.packets_lost,
    round(100.0 * a.packets_lost / nullif(a.packets_received + a.packets_lost, 0), 2) as lost_percent,
    a.gap_ms_max, a.jitter_ms, a.packets_sent, a.remote_lost,
    round(100.0 * a.remote_lost / nullif(a.packets_sent, 0), 2) as remote_lost_percent,
    a.remote_jitter_ms, a.rtt_ms, r.duration_ms as recording_ms, r.gap_ms as recording_gap_ms
from attempt a
left join cases c on c.id = a.case_id
left join campaign m on m.id = c.campaign_id
left join recording r on r.attempt_id = a.id
where a.packets_sent > 0 or a.packets_received > 0;

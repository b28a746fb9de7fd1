-- A start of the daemon looks for the cases that a dead one held, and for its calls, without reading all there are.
create index cases_held on cases (lease_holder) where lease_holder is not null;

-- The worst calls of a campaign that ended in some way: which way is seen before a row is read.
drop index replay_campaign_lowest;
create index replay_campaign_lowest on replay (campaign_id, lowest, attempt_id desc, disposition) where lowest is not null;

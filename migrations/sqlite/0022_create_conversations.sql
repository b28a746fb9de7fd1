-- The phones that register to the daemon, and who sits at them.
create table phone (
    -- The user part of its address of record, and the user name of its credentials.
    user        text    not null primary key check (length(user) between 1 and 64),
    -- Whose it is; a phone of nobody registers and is called by nobody.
    account_id  integer references account (id),
    -- H(user:realm:password) in place of the password (RFC 7616): good for this realm only.
    realm       text    not null check (length(realm) between 1 and 128),
    ha1_sha256  text    check (length(ha1_sha256) = 64),
    ha1_md5     text    check (length(ha1_md5) = 32),
    created_at  integer not null,
    changed_at  integer not null,
    check (ha1_sha256 is not null or ha1_md5 is not null)
) strict;

create index phone_account on phone (account_id) where account_id is not null;

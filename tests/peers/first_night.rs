//! The first night: a discharge list of 5,000 rows goes in, 200 of its patients are called on SIPp and on baresip, and
//! the database agrees with what the peers saw, call by call.

mod cast;
mod discharge_list;
mod ledger;
mod phone_patients;

use std::thread;
use std::time::Duration;

use crate::rig::baresip::Phone;
use crate::rig::daemon::{Campaign, Site, Trunk};
use crate::rig::folder::Folder;
use crate::rig::sipp::Sipp;
use crate::rig::{night, speech};

const COMMAND: Duration = Duration::from_secs(60);
const NIGHT: Duration = Duration::from_secs(240);

#[test]
fn a_list_goes_in_and_the_night_agrees_with_what_the_peers_saw() {
    let folder = Folder::new("first_night");
    let list = discharge_list::read();
    let (on_sipp, on_phone) = list.called.split_at(192);
    let cast = cast::of(on_sipp);
    let sipp = Sipp::start(&folder.inside("sipp"), &cast.patients(), &cast::scripts());
    let accounts: Vec<String> = on_phone
        .iter()
        .map(|called| Phone::direct_account(&called.number))
        .collect();
    let mut phone = Phone::start(&folder.inside("phone"), &accounts, &speech::voice(21, 40, 90));
    let trunks = [
        Trunk {
            name: "sipp",
            port: sipp.port(),
            lines: 30,
            pace: 4.0,
            account: None,
            more: "",
        },
        Trunk {
            name: "phone",
            port: phone.port(),
            lines: 1,
            pace: 1.0,
            account: None,
            more: "",
        },
    ];
    let site = Site::new(&folder.inside("site"), &trunks);
    list.write_rows_of(on_sipp, &site.file("sipp.csv"));
    list.write_rows_of(on_phone, &site.file("phone.csv"));
    let daemon = site.run();

    // The whole list, into a campaign that is not started: exactly what the list's maker expects.
    for (campaign, trunk) in [("everybody", "sipp"), ("on-sipp", "sipp"), ("on-phone", "phone")] {
        let file = site.campaign(&Campaign::over(trunk, campaign, 5));
        site.command(&["campaign", "add", &file], COMMAND);
    }
    let whole = discharge_list::PATH;
    let first = site
        .command(&["import", "--campaign", "everybody", "--json", whole], COMMAND)
        .json();
    list.agrees_with_report(&first);
    list.agrees_with_database(&site.database());
    let again = site
        .command(&["import", "--campaign", "everybody", "--json", whole], COMMAND)
        .json();
    list.was_repeated(&again);

    // The night.
    for (campaign, file) in [("on-sipp", "sipp.csv"), ("on-phone", "phone.csv")] {
        let made = site
            .command(
                &["import", "--campaign", campaign, "--due", "now", "--json", file],
                COMMAND,
            )
            .json();
        assert_eq!(
            made["cases"],
            if campaign == "on-sipp" {
                on_sipp.len()
            } else {
                on_phone.len()
            }
        );
        site.command(&["campaign", "start", campaign], COMMAND);
    }
    let answered_by_phone = thread::scope(|scope| {
        let patients = scope.spawn(|| phone_patients::answer(&mut phone, on_phone.len()));
        night::wait_until_over(&site, &daemon, &["on-sipp", "on-phone"], NIGHT);
        patients.join().unwrap()
    });
    daemon.stop();
    let recordings = phone.finish();
    let seen = sipp.finish();

    let ledger = ledger::read(&site);
    ledger.tell_figures();
    ledger.agrees_with_sipp(&seen, &cast);
    ledger.agrees_with_phone(&answered_by_phone);
    ledger.recordings_hold_the_voices(&site, &cast);
    let taken = answered_by_phone.iter().filter(|call| call.is_answered()).count();
    assert_eq!(
        recordings.len(),
        taken,
        "baresip recorded another number of calls than it answered"
    );
    let report = site
        .command(&["report", "--campaign", "on-sipp", "--json"], COMMAND)
        .json();
    assert!(report.is_object(), "{report}");
}

//! The settings and a campaign's file: any text gives settings or faults, the same each time.

use std::path::Path;

use aftercall::config::{CampaignFile, parse};

/// Holds for any text.
pub(crate) fn check(bytes: &[u8]) {
    let text = &String::from_utf8_lossy(bytes);
    let settings = || match parse(text, Path::new("site")) {
        Ok(read) => format!("{read:?}"),
        Err(faults) => {
            assert!(!faults.is_empty());
            format!("{faults:?}")
        }
    };
    assert_eq!(settings(), settings());
    let campaign = || match CampaignFile::parse(text) {
        Ok(read) => format!("{read:?}"),
        Err(faults) => {
            assert!(!faults.is_empty());
            format!("{faults:?}")
        }
    };
    assert_eq!(campaign(), campaign());
}

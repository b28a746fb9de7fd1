//! Where the trunks' passwords come from. One that others can read is refused where the settings are read.

use crate::config::{Secret, Settings};

/// What works and could be better.
pub(super) fn hints(settings: &Settings) -> Vec<String> {
    let hint = |trunk: &crate::config::Trunk| match &trunk.secret {
        Secret::Inline(_) => Some(format!(
            "hint: trunk \"{}\": its password stands in the settings; `password_file` keeps it out of copies of them",
            trunk.name
        )),
        Secret::Credential(name) => Some(format!(
            "hint: trunk \"{}\": its password is the credential \"{name}\", which only the service sees",
            trunk.name
        )),
        Secret::None | Secret::Apart(_) => None,
    };
    settings.trunks.iter().filter_map(hint).collect()
}

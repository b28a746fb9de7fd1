//! Who else can read patients' data and passwords. What the settings file itself reveals is refused where it is read.

use crate::config::{Secret, Settings, mode_for_others};
use crate::store::DATABASE;

/// The data folder and the database, where others can read them.
pub(super) fn faults(settings: &Settings) -> Vec<String> {
    let data = &settings.place.data;
    let exposed = |(path, mode): (std::path::PathBuf, &str)| {
        let found = mode_for_others(&path)?;
        let shown = path.display();
        Some(format!(
            "  {shown}: others can read patients' data there (mode {found:04o}): chmod {mode} {shown}"
        ))
    };
    let places = [(data.clone(), "700"), (data.join(DATABASE), "600")];
    places.into_iter().filter_map(exposed).collect()
}

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

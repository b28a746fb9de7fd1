//! Who else can read what patients said: the modes of the data folder and of what lies in it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::store::DATABASE;

/// What everybody may read; no daemon starts on it.
pub(super) fn faults(data: &Path) -> Vec<String> {
    let mode = mode(data).unwrap_or_default();
    if mode & 0o007 == 0 {
        return Vec::new();
    }
    vec![format!(
        "the data folder {0} is open to everybody on this host (mode {mode:04o}), and patients' data lie in it: \
         chmod 700 {0}",
        data.display()
    )]
}

/// What the group may read, or could if the folder let it in.
pub(super) fn warnings(data: &Path) -> Vec<String> {
    let folder = |mode: u32| mode & 0o070 != 0;
    let inside = |mode: u32| mode & 0o077 != 0;
    let mut found = Vec::new();
    let mut look = |path: &Path, is_open: &dyn Fn(u32) -> bool, right: &str| {
        if let Some(mode) = mode(path).filter(|mode| is_open(*mode)) {
            found.push(format!(
                "{} can be read by others than the daemon's user (mode {mode:04o}): chmod {right} {0}",
                path.display()
            ));
        }
    };
    look(data, &folder, "700");
    look(&data.join("recordings"), &inside, "700");
    for name in [DATABASE.to_owned(), format!("{DATABASE}-wal")] {
        look(&data.join(name), &inside, "600");
    }
    found
}

/// Nothing if there is no such file.
fn mode(path: &Path) -> Option<u32> {
    fs::metadata(path).ok().map(|meta| meta.permissions().mode() & 0o7777)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_data_folder_is_a_fault_and_one_open_to_the_group_a_warning() {
        let folder = std::env::temp_dir().join(format!("aftercall-private-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let set = |mode| fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
        set(0o755);
        let found = faults(&folder);
        assert!(found.len() == 1 && found[0].contains("chmod 700"), "{found:?}");
        set(0o750);
        assert!(faults(&folder).is_empty());
        assert_eq!(warnings(&folder).len(), 1);
        set(0o700);
        assert!(warnings(&folder).is_empty());
        fs::write(folder.join(DATABASE), "").unwrap();
        fs::set_permissions(folder.join(DATABASE), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(warnings(&folder)[0].contains("chmod 600"));
        fs::remove_dir_all(&folder).unwrap();
        assert!(faults(&folder).is_empty() && warnings(&folder).is_empty());
    }
}

//! The power cut: what the preloaded library wrote down and no sync has settled is undone, the latest first.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// Octets of a record without its names and contents: ten numbers of 64 bits.
const HEAD: usize = 80;

/// A change that may have to be undone.
#[derive(Debug)]
struct Record {
    seq: u64,
    inode: u64,
    change: Change,
}

#[derive(Debug)]
enum Change {
    Contents {
        offset: u64,
        size: u64,
        old: Vec<u8>,
    },
    Created {
        folder: u64,
    },
    Renamed {
        folders: [u64; 2],
        from: PathBuf,
        into: PathBuf,
        kept: PathBuf,
    },
    Unlinked {
        folder: u64,
        path: PathBuf,
        kept: PathBuf,
    },
}

/// What was dropped.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Dropped {
    pub(crate) contents: usize,
    pub(crate) names: usize,
}

/// The inode under which `syncfs` is written down: it settles all of them.
const WHOLE: u64 = 0;

/// Undoes everything below a folder that was not synced, and begins the log anew. `trash` is where removed files wait.
pub(crate) fn undo(folder: &Path, trash: &Path, log: &Path) -> anyhow::Result<Dropped> {
    let (records, syncs) = read(&fs::read(log).unwrap_or_default())?;
    let mut places = BTreeMap::new();
    for under in [folder, trash] {
        walk(under, &mut places)?;
    }
    let whole = syncs.get(&WHOLE);
    let settled = |record: &Record, inode: u64| {
        let mut marks = syncs.get(&inode).into_iter().chain(whole);
        marks.any(|mark| record.seq < *mark)
    };
    let mut dropped = Dropped::default();
    for record in records.iter().rev() {
        match &record.change {
            Change::Contents { offset, size, old } if !settled(record, record.inode) => {
                // What is gone altogether needs no contents.
                let Some(path) = places.get(&record.inode) else {
                    continue;
                };
                let file = File::options().write(true).open(path)?;
                file.write_all_at(old, *offset)?;
                file.set_len(*size)?;
                dropped.contents += 1;
            }
            Change::Created { folder } if ![record.inode, *folder].iter().any(|inode| settled(record, *inode)) => {
                if let Some(path) = places.remove(&record.inode) {
                    fs::remove_file(path)?;
                    dropped.names += 1;
                }
            }
            Change::Renamed {
                folders,
                from,
                into,
                kept,
            } if !folders.iter().any(|inode| settled(record, *inode)) => {
                // The kill may have come before the renaming.
                if places.get(&record.inode).is_some_and(|place| place == into) {
                    fs::rename(into, from)?;
                    places.insert(record.inode, from.clone());
                    give_back(kept, into, &mut places)?;
                    dropped.names += 1;
                }
            }
            Change::Unlinked { folder, path, kept } if !settled(record, *folder) => {
                give_back(kept, path, &mut places)?;
                dropped.names += 1;
            }
            Change::Contents { .. } | Change::Created { .. } | Change::Renamed { .. } | Change::Unlinked { .. } => {}
        }
    }
    fs::write(log, "")?;
    for entry in fs::read_dir(trash)? {
        fs::remove_file(entry?.path())?;
    }
    Ok(dropped)
}

fn give_back(kept: &Path, path: &Path, places: &mut BTreeMap<u64, PathBuf>) -> anyhow::Result<()> {
    if kept.as_os_str().is_empty() || path.exists() || !kept.exists() {
        return Ok(());
    }
    fs::rename(kept, path)?;
    places.insert(fs::metadata(path)?.ino(), path.to_owned());
    Ok(())
}

/// All records, and for each inode the highest mark of its syncs.
fn read(log: &[u8]) -> anyhow::Result<(Vec<Record>, BTreeMap<u64, u64>)> {
    let (mut records, mut syncs) = (Vec::new(), BTreeMap::new());
    let mut rest = log;
    while let Some((head, after)) = rest.split_at_checked(HEAD) {
        let mut numbers = head.chunks_exact(8).map(|octets| {
            let octets = octets.try_into().unwrap_or_default();
            u64::from_le_bytes(octets)
        });
        let mut number = || numbers.next().context("a head of ten numbers");
        let (kind, seq, inode, folder, other) = (number()?, number()?, number()?, number()?, number()?);
        let (offset, size, mark) = (number()?, number()?, number()?);
        let (names, data) = (usize::try_from(number()?)?, usize::try_from(number()?)?);
        let Some((octets, after)) = after.split_at_checked(names.saturating_add(data)) else {
            // The kill came while this was written: its change did not happen.
            break;
        };
        rest = after;
        let (names, data) = octets.split_at(names);
        let mut names = names
            .split(|octet| *octet == 0)
            .map(|name| PathBuf::from(String::from_utf8_lossy(name).as_ref()));
        let mut name = || names.next().context("a name");
        let change = match kind {
            1 => Change::Contents {
                offset,
                size,
                old: data.to_vec(),
            },
            2 => Change::Created { folder },
            3 => Change::Renamed {
                folders: [folder, other],
                from: name()?,
                into: name()?,
                kept: name()?,
            },
            4 => {
                let (path, _, kept) = (name()?, name()?, name()?);
                Change::Unlinked { folder, path, kept }
            }
            5 => {
                let highest: &mut u64 = syncs.entry(inode).or_default();
                *highest = mark.max(*highest);
                continue;
            }
            other => bail!("the log of the preloaded library has a record of kind {other}"),
        };
        records.push(Record { seq, inode, change });
    }
    Ok((records, syncs))
}

fn walk(folder: &Path, places: &mut BTreeMap<u64, PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), places)?;
        } else {
            // A file that waits in the trash and still has its name goes by its name.
            places.entry(entry.metadata()?.ino()).or_insert_with(|| entry.path());
        }
    }
    Ok(())
}

//! Backup, restore and move, from the command line, as an operator would.

#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use domain::Registration;
use jiff::Timestamp;
use store::{
    Algorithms, Entry, ImportHow, NewAudit, NewPicture, PictureKind, Store, StoreConfig,
    specimens::{SESSION as EXAM, exam_session, registration},
    testing::TestDatabase,
};

async fn fill(store: &Store, candidates: std::ops::Range<u32>) {
    let now = Timestamp::now();
    store.put_exam_session(&exam_session(EXAM), now).await.unwrap();
    let roster: Vec<Registration> = candidates.map(registration).collect();
    store.import_registrations(EXAM, &roster, ImportHow::default(), now).await.unwrap();
    for of in &roster {
        let record = store.find_or_create_collection(EXAM, &of.id, 5, now).await.unwrap();
        for kind in [PictureKind::Capture, PictureKind::Photo] {
            let bytes = format!("{} of {}", kind.as_str(), of.id).into_bytes().into();
            let new = NewPicture { collection: record.id, kind, media_type: "image/jpeg".into(), bytes };
            store.put_picture(new, now).await.unwrap();
        }
        let tx = store.begin().await.unwrap();
        tx.note(&Entry::new(record.id, "photo_judged", "candidate"), now).await.unwrap();
        tx.audit(&NewAudit::new("li", "see_picture").on(&of.id), now).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// Everything of a deployment that a reader of it can tell: registrations, states, journals, pictures byte by byte, the audit log's head.
async fn told(store: &Store) -> BTreeMap<String, String> {
    let mut told = BTreeMap::new();
    let head = store.verify_audit(None).await.unwrap().unwrap();
    told.insert("audit".to_owned(), format!("{}:{}", head.number, head.hash));
    for record in store.registrations(EXAM, None, 1000).await.unwrap() {
        let key = record.registration.id.clone();
        let collection = store.collection_of(EXAM, &key).await.unwrap().unwrap();
        told.insert(format!("{key} journal"), format!("{:?}", store.journal(collection.id).await.unwrap()));
        for kind in [PictureKind::Capture, PictureKind::Photo] {
            let picture = store.latest_picture(collection.id, kind).await.unwrap().unwrap();
            let bytes = store.read_picture(&picture).await;
            told.insert(format!("{key} {kind}"), format!("{picture:?} {bytes:?}"));
        }
        told.insert(format!("{key} collection"), format!("{:?}", collection.collection));
        told.insert(key, format!("{record:?} {}", record.registration.number.as_str()));
    }
    told
}

/// A machine: a folder with its configuration, and the database and pictures that it names.
struct Machine {
    folder: tempfile::TempDir,
    config: StoreConfig,
}

impl Machine {
    /// The one that `database` is of, or an empty one with its keys.
    fn new(database: &TestDatabase, keys: &TestDatabase) -> Machine {
        let folder = tempfile::tempdir().unwrap();
        let config = StoreConfig { keyring: keys.config().keyring, ..database.config() };
        fs::write(folder.path().join("keys.toml"), keys.key_file()).unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let text = format!(
            "[database]\nurl = {:?}\n[pictures]\nurl = {:?}\n[keys]\nfile = {:?}\n[log]\nlevel = \"error\"\n",
            config.database_url,
            config.pictures,
            path("keys.toml")
        );
        fs::write(path("zhaoyan.toml"), text).unwrap();
        Machine { folder, config }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("zhaoyan.toml")
    }

    async fn store(&self) -> Store {
        Store::open(&self.config).await.unwrap()
    }

    /// Exit status and what was printed.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_zhaoyan"))
            .env_clear()
            .args(["--config", self.file().to_str().unwrap()])
            .args(arguments)
            .output()
            .unwrap();
        let both = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(both).unwrap())
    }
}

/// The objects of a folder of pictures.
fn objects(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { objects(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn a_backup_restored_onto_an_empty_machine_is_the_same_in_every_record_and_picture() {
    for algorithms in [Algorithms::International, Algorithms::National] {
        let (from, to) = (TestDatabase::sqlite_with(algorithms).await, TestDatabase::postgres().await);
        let (machine, empty) = (Machine::new(&from, &from), Machine::new(&to, &from));
        let backup = machine.folder.path().join("backup");
        let backup = backup.to_str().unwrap();
        fill(&machine.store().await, 0..12).await;
        let (status, printed) = machine.run(&["backup", backup]);
        assert_eq!(status, Some(0), "{printed}");
        assert!(printed.contains("24 pictures copied"), "{printed}");

        // A second one copies what is new, and forgets what is gone.
        fill(&machine.store().await, 12..20).await;
        let store = machine.store().await;
        let first = store.collection_of(EXAM, "R000000").await.unwrap().unwrap();
        let capture = store.latest_picture(first.id, PictureKind::Capture).await.unwrap().unwrap();
        let again = NewPicture {
            collection: first.id,
            kind: PictureKind::Capture,
            media_type: "image/png".into(),
            bytes: "another".into(),
        };
        store.put_picture(again, Timestamp::now()).await.unwrap();
        store.delete_picture(&capture).await.unwrap();
        let (status, printed) = machine.run(&["backup", backup]);
        assert_eq!(status, Some(0), "{printed}");
        assert!(
            printed.contains("17 pictures copied, each held against its hash; 23 lay there already"),
            "{printed}"
        );
        assert!(printed.contains("1 of earlier backups forgotten"), "{printed}");
        assert_eq!(objects(&Path::new(backup).join("pictures")).len(), 40);

        let (status, printed) = empty.run(&["restore", backup]);
        assert_eq!(status, Some(0), "{printed}");
        assert!(printed.contains("40 pictures copied"), "{printed}");
        let (before, after) = (told(&store).await, told(&empty.store().await).await);
        assert_eq!(before.len(), 1 + 20 * 5);
        assert_eq!(before, after);

        let (status, printed) = empty.run(&["restore", backup]);
        assert_eq!(status, Some(2), "{printed}");
        assert!(printed.contains("holds records already: name an empty one"), "{printed}");
    }
}

#[tokio::test]
async fn a_backup_holds_nothing_in_the_clear_and_tells_when_it_was_altered() {
    let database = TestDatabase::sqlite().await;
    let machine = Machine::new(&database, &database);
    let backup = machine.folder.path().join("backup");
    fill(&machine.store().await, 0..3).await;
    assert_eq!(machine.run(&["backup", backup.to_str().unwrap()]).0, Some(0));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o700);
    }
    let mut bytes = fs::read(backup.join("zhaoyan.db")).unwrap();
    for object in objects(&backup.join("pictures")) {
        bytes.extend(fs::read(object).unwrap());
    }
    let holds = |what: &str| bytes.windows(what.len()).any(|window| window == what.as_bytes());
    assert!(holds("R000001"), "the search itself finds what is there in the open");
    let of = registration(1);
    for personal in [of.name.as_str(), of.number.as_str(), of.phone.as_str(), "photo of R000001"] {
        assert!(!holds(personal));
    }

    let empty = TestDatabase::sqlite().await;
    let others = Machine::new(&empty, &empty);
    let (status, printed) = others.run(&["restore", backup.to_str().unwrap()]);
    assert_eq!(status, Some(2), "{printed}");
    assert!(printed.contains("these are not the keys that the backup was made with"), "{printed}");
    let keys = fs::read_to_string(machine.folder.path().join("keys.toml")).unwrap();
    let of_another_hash = keys.replace("lookup = ", "lookup = { algorithm = \"hmac-sm3\", secret = ");
    let of_another_hash = of_another_hash.replace("\n\n[keys]", " }\n\n[keys]");
    fs::write(others.folder.path().join("keys.toml"), of_another_hash).unwrap();
    let (status, printed) = others.run(&["restore", backup.to_str().unwrap()]);
    assert_eq!(status, Some(2), "{printed}");
    assert!(printed.contains("write algorithm = \"hmac-sha-256\" in `lookup`"), "{printed}");
    let spoilt = objects(&backup.join("pictures")).pop().unwrap();
    let mut bytes = fs::read(&spoilt).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&spoilt, bytes).unwrap();
    let (status, printed) = Machine::new(&empty, &database).run(&["restore", backup.to_str().unwrap()]);
    assert_eq!(status, Some(1), "{printed}");
    let name = spoilt.file_name().unwrap().to_str().unwrap();
    assert!(
        printed.contains(&format!("1 ARE LOST: their objects are gone or were altered: {name}")),
        "{printed}"
    );

    let (status, printed) = machine.run(&["restore", machine.folder.path().to_str().unwrap()]);
    assert_eq!(status, Some(2));
    assert!(printed.contains("holds no backup that was finished"), "{printed}");
}

#[tokio::test]
async fn a_deployment_moves_from_sqlite_to_postgres_and_the_old_one_takes_nothing_any_more() {
    let [from, to] = TestDatabase::both().await;
    let (machine, other) = (Machine::new(&from, &from), Machine::new(&to, &from));
    fill(&machine.store().await, 0..8).await;
    let before = told(&machine.store().await).await;
    let there = other.file();
    let (status, printed) = machine.run(&["migrate-store", "--to", there.to_str().unwrap()]);
    assert_eq!(status, Some(0), "{printed}");
    assert!(printed.contains("16 pictures copied") && printed.contains("start the nodes with"), "{printed}");
    assert_eq!(told(&other.store().await).await, before);
    let old = machine.store().await;
    let refused = old.find_or_create_collection(EXAM, "R000100", 5, Timestamp::now()).await;
    assert!(matches!(refused, Err(store::StoreError::Moved)));
    let (status, printed) = machine.run(&["migrate-store", "--undo"]);
    assert_eq!(status, Some(0), "{printed}");
    old.find_or_create_collection(EXAM, "R000100", 5, Timestamp::now()).await.unwrap();

    let itself = machine.file();
    let (status, printed) = machine.run(&["migrate-store", "--to", itself.to_str().unwrap()]);
    assert_eq!(status, Some(2));
    assert!(printed.contains("both configurations name one database"), "{printed}");
    assert_eq!(machine.run(&["migrate-store"]).0, Some(2));
}

#[tokio::test]
async fn one_candidate_is_copied_out_and_deleted_and_the_others_are_as_they_were() {
    for database in TestDatabase::both().await {
        let machine = Machine::new(&database, &database);
        let store = machine.store().await;
        store.migrate().await.unwrap();
        fill(&store, 1..4).await;
        let before = told(&store).await;
        let wanted = registration(2);
        let folder = machine.folder.path().join("copy");
        let of = ["--registration", &wanted.id, "--exam-session", EXAM, "--reason", "request 7"];
        let asked = |deed: &[&str]| machine.run(&[&["candidate"], deed, &of].concat());

        let (code, said) = asked(&["copy", folder.to_str().unwrap()]);
        assert_eq!(code, Some(0), "{said}");
        let copy: serde_json::Value =
            serde_json::from_slice(&fs::read(folder.join("candidate.json")).unwrap()).unwrap();
        assert_eq!(copy["registration"], serde_json::to_value(&wanted).unwrap());
        assert_eq!(copy["collection"]["journal"][0]["event"], "photo_judged");
        let photo = fs::read_to_string(folder.join("02-photo.jpg")).unwrap();
        assert_eq!(photo, format!("photo of {}", wanted.id));
        assert_eq!(
            asked(&["copy", folder.to_str().unwrap()]).0,
            Some(2),
            "a folder that is there is left alone"
        );

        let (code, said) = asked(&["delete", "--roster-too"]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("picture: 2 deleted"), "{said}");
        assert!(!said.contains(wanted.name.as_str()) && !said.contains(wanted.number.as_str()));
        assert_eq!(store.candidate_copy(EXAM, &wanted.id).await.unwrap(), None);
        let unlike = |key: &&String| !key.starts_with(&wanted.id) && *key != "audit";
        let (mut after, mut before) = (told(&store).await, before);
        after.retain(|key, _| unlike(&key));
        before.retain(|key, _| unlike(&key));
        assert_eq!(after, before);
        let (code, said) = asked(&["delete"]);
        assert_eq!(code, Some(2));
        assert!(said.contains("nothing is kept of such a candidate"), "{said}");
    }
}

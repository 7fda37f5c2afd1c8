//! How fast a picture of 2 MB is hashed and sealed, and opened again, with either algorithms, on one core and without a disk:
//! `cargo run --release -p store --example seal_speed`.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use store::{Algorithms, CollectionId, Keyring, NewPicture, PictureKind, Store, StoreConfig};

const BYTES: usize = 2_000_000;
const ROUNDS: u32 = 50;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    for algorithms in [Algorithms::International, Algorithms::National] {
        let store = Store::open(&StoreConfig {
            database_url: folder.path().join("speed.db").display().to_string(),
            pictures: "memory:".to_owned(),
            s3: store::S3Config::default(),
            keyring: Keyring::parse(&Keyring::generate("speed", algorithms)?)?,
            max_connections: 1,
        })
        .await?;
        let new = NewPicture {
            collection: CollectionId::generate(),
            kind: PictureKind::Capture,
            media_type: "image/jpeg".to_owned(),
            bytes: vec![7; BYTES].into(),
        };
        let (mut sealing, mut opening) = (Duration::ZERO, Duration::ZERO);
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            let picture = store.write_picture(new.clone(), Timestamp::now()).await?;
            sealing += begun.elapsed();
            let begun = Instant::now();
            store.read_picture(&picture).await?;
            opening += begun.elapsed();
        }
        for (what, took) in [("hashed and sealed", sealing), ("opened", opening)] {
            let each = took.as_secs_f64() / f64::from(ROUNDS);
            println!("{algorithms}: {what} in {:.1} ms, {:.0} MB/s", each * 1e3, BYTES as f64 / each / 1e6);
        }
    }
    Ok(())
}

//! The simulated identity platform: a register of people, and a comparison with whoever claims to be one of them.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

use futures::future::try_join_all;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::sync::{OnceCell, Semaphore};
use vision::compare::{Descriptor, similarity};

use crate::{
    faces::{Faces, FacesError, Seen},
    seed::SeededCandidate,
};

/// What is said of a face that is nearer to another person of the register.
const NEARER_TO_ANOTHER: f32 = 42.0;
/// From this similarity on, the vendor says that two faces are one person's.
const PASS: f32 = 70.0;
/// Least width and height of a picture, in pixels.
const LEAST_SIDE: u32 = 100;

/// A person of the register.
struct Enrolled {
    name: String,
    number: String,
    /// The register's pictures of the person.
    pictures: Vec<Descriptor>,
}

/// A question.
#[derive(Clone)]
pub(crate) struct Claim {
    pub name: String,
    pub number: String,
    pub picture: Vec<u8>,
    /// The asker's serial number; the same one with the same content is answered from memory.
    pub serial: String,
}

/// The business answer, in the vendor's words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Verdict {
    pub result: &'static str,
    pub description: &'static str,
    pub similarity: f32,
}

impl Verdict {
    const fn refused(result: &'static str, description: &'static str) -> Verdict {
        Verdict { result, description, similarity: 0.0 }
    }
}

#[derive(Default)]
struct Question {
    verdict: OnceCell<Verdict>,
    times: AtomicU32,
}

/// By serial number and content.
type Questions = HashMap<(String, [u8; 32]), Arc<Question>>;

/// A question as tests see it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Asked {
    pub serial: String,
    /// How often it was asked.
    pub times: u32,
    /// What was answered, once it was.
    pub verdict: Option<Verdict>,
}

/// The platform.
pub(crate) struct Platform {
    faces: Arc<dyn Faces>,
    register: OnceCell<Vec<Enrolled>>,
    /// Pictures that somebody enrolled, by the person's number; in memory only.
    own: Mutex<HashMap<String, Descriptor>>,
    questions: Mutex<Questions>,
    compared: AtomicU32,
    workers: Arc<Semaphore>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Platform {
    pub(crate) fn new(faces: Arc<dyn Faces>, workers: Arc<Semaphore>) -> Platform {
        Platform {
            faces,
            register: OnceCell::new(),
            own: Mutex::default(),
            questions: Mutex::default(),
            compared: AtomicU32::new(0),
            workers,
        }
    }

    /// Draws and describes the register's people, once; later calls wait for it.
    pub(crate) async fn fill(&self, candidates: &[SeededCandidate]) -> Result<(), FacesError> {
        self.people(candidates).await.map(|_| ())
    }

    async fn people(&self, candidates: &[SeededCandidate]) -> Result<&Vec<Enrolled>, FacesError> {
        self.register
            .get_or_try_init(|| async {
                let mut numbers = HashSet::new();
                let people = candidates.iter().filter(|c| numbers.insert(&c.person.number));
                let enrolled = people.map(|candidate| async move {
                    let (faces, person) = (self.faces.clone(), candidate.person.clone());
                    let pictures = self.work(move || faces.enrol(&person)).await??;
                    Ok(Enrolled {
                        name: candidate.person.name.clone(),
                        number: candidate.person.number.clone(),
                        pictures,
                    })
                });
                try_join_all(enrolled).await
            })
            .await
    }

    async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, FacesError> {
        let _permit = self.workers.acquire().await.map_err(|e| FacesError(e.to_string()))?;
        tokio::task::spawn_blocking(job).await.map_err(|e| FacesError(e.to_string()))
    }

    /// Answers a claim; the same serial with the same content is compared once.
    pub(crate) async fn judge(
        &self,
        candidates: &[SeededCandidate],
        claim: Claim,
    ) -> Result<Verdict, FacesError> {
        let people = self.people(candidates).await?;
        let question = {
            let key = (claim.serial.clone(), content_hash(&claim));
            let mut questions = lock(&self.questions);
            // Without a serial number every question is a new one.
            if claim.serial.is_empty() { Arc::default() } else { questions.entry(key).or_default().clone() }
        };
        question.times.fetch_add(1, Relaxed);
        let verdict = question.verdict.get_or_try_init(|| self.compare(people, &claim)).await?;
        Ok(verdict.clone())
    }

    async fn compare(&self, people: &[Enrolled], claim: &Claim) -> Result<Verdict, FacesError> {
        self.compared.fetch_add(1, Relaxed);
        let Some(claimed) = people.iter().find(|p| p.number == claim.number) else {
            return Ok(Verdict::refused(
                "FailedOperation.IdNoExistSystem",
                "库中无此号，请到户籍所在地进行核实。",
            ));
        };
        if claimed.name != claim.name {
            return Ok(Verdict::refused(
                "FailedOperation.IdNameMisMatch",
                "姓名和身份证号不一致，请核实后重试。",
            ));
        }
        let seen = match self.look(claim.picture.clone()).await? {
            Looked::Unusable(verdict) => return Ok(verdict),
            Looked::Face(descriptor) => descriptor,
        };
        let own = lock(&self.own).get(&claimed.number).cloned();
        let to = |person: &Enrolled| {
            person.pictures.iter().map(|p| p.distance(&seen)).fold(f32::INFINITY, f32::min)
        };
        let distance = own.map_or_else(|| to(claimed), |own| own.distance(&seen));
        let nearest_other =
            people.iter().filter(|p| p.number != claimed.number).map(to).fold(f32::INFINITY, f32::min);
        let mut sim = similarity(distance);
        if nearest_other < distance {
            sim = sim.min(NEARER_TO_ANOTHER);
        }
        Ok(if sim >= PASS {
            Verdict { result: "Success", description: "成功", similarity: sim }
        } else {
            Verdict {
                result: "FailedOperation.CompareLowSimilarity",
                description: "比对相似度未达到通过标准。",
                similarity: sim,
            }
        })
    }

    async fn look(&self, picture: Vec<u8>) -> Result<Looked, FacesError> {
        let faces = self.faces.clone();
        self.work(move || {
            let Ok(capture) = vision::decode::decode(&picture) else {
                return Ok(Looked::Unusable(Verdict::refused(
                    "FailedOperation.ImageDecodeFailed",
                    "图片解码失败。",
                )));
            };
            if capture.pixels.width().min(capture.pixels.height()) < LEAST_SIDE {
                return Ok(Looked::Unusable(Verdict::refused(
                    "FailedOperation.LifePhotoPoorQuality",
                    "传入图片分辨率太低，请重新上传。",
                )));
            }
            Ok(match faces.see(&capture.pixels)? {
                Seen::One(descriptor) => Looked::Face(descriptor),
                Seen::Nobody => Looked::Unusable(Verdict::refused(
                    "FailedOperation.LifePhotoDetectNoFaces",
                    "未能检测到完整人脸。",
                )),
                Seen::Several => Looked::Unusable(Verdict::refused(
                    "FailedOperation.LifePhotoDetectFaces",
                    "检测到多张人脸。",
                )),
            })
        })
        .await?
    }

    /// Puts somebody's own picture in the place of a person's drawn ones; `false` if it shows no single face.
    pub(crate) async fn enrol_own(&self, number: &str, picture: Vec<u8>) -> Result<bool, FacesError> {
        Ok(match self.look(picture).await? {
            Looked::Face(descriptor) => {
                lock(&self.own).insert(number.to_owned(), *descriptor);
                true
            }
            Looked::Unusable(_) => false,
        })
    }

    pub(crate) fn forget_own(&self, number: &str) {
        lock(&self.own).remove(number);
    }

    pub(crate) fn has_own(&self, number: &str) -> bool {
        lock(&self.own).contains_key(number)
    }

    pub(crate) fn is_filled(&self) -> bool {
        self.register.initialized()
    }

    /// Every question with a serial number, and how many comparisons there were in all.
    pub(crate) fn asked(&self) -> (Vec<Asked>, u32) {
        let mut asked: Vec<Asked> = lock(&self.questions)
            .iter()
            .map(|((serial, _), question)| Asked {
                serial: serial.clone(),
                times: question.times.load(Relaxed),
                verdict: question.verdict.get().cloned(),
            })
            .collect();
        asked.sort_by(|a, b| a.serial.cmp(&b.serial));
        (asked, self.compared.load(Relaxed))
    }

    pub(crate) fn reset(&self) {
        lock(&self.own).clear();
        lock(&self.questions).clear();
        self.compared.store(0, Relaxed);
    }
}

enum Looked {
    Unusable(Verdict),
    Face(Box<Descriptor>),
}

fn content_hash(claim: &Claim) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [claim.number.as_bytes(), claim.name.as_bytes(), &claim.picture] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

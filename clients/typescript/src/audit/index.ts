export { base64, type Hash, hex, unbase64, unhex } from "./hashes.js";
export { checkConsistency, checkInclusion, leafHash, nodeHash, ProofRefusedError, Tree } from "./merkle.js";
export { type Checkpoint, checkpointOf, NoteRefusedError, opened, type Verifier, verifierOf } from "./notes.js";
export type { Finding, Kind, Report } from "./report.js";
export { ownKeys, verifyLog, type VerifyOptions } from "./verify.js";

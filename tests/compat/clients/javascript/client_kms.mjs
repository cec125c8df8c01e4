// @aws-sdk/client-kms: a tour of three regions, its answers checked by Node's own cryptography.
// Standard input: {"endpoints": {region: URL}}.

import { createHash, createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as kms from '@aws-sdk/client-kms'
import { told } from './told.mjs'

const given = JSON.parse(readFileSync(0, 'utf8'))
const regions = Object.keys(given.endpoints)
const clients = Object.fromEntries(
  regions.map((region) => [
    region,
    new kms.KMSClient({ region, endpoint: given.endpoints[region], maxAttempts: 1 }),
  ])
)
const [home, near] = regions
const text = Buffer.from('from JavaScript')
const used = new Set()

async function call(region, name, input) {
  used.add(name)
  return clients[region].send(new kms[`${name}Command`](input))
}

async function refused(region, name, input) {
  try {
    await call(region, name, input)
  } catch (error) {
    return { name: error.name, isClass: error instanceof (kms[error.name] ?? Error) }
  }
  return null
}

async function enabled(region, KeyId) {
  for (;;) {
    try {
      const { KeyMetadata } = await call(region, 'DescribeKey', { KeyId })
      if (KeyMetadata.KeyState === 'Enabled') return KeyMetadata
    } catch (error) {
      if (error.name !== 'NotFoundException') throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function key(members = {}) {
  return (await call(home, 'CreateKey', members)).KeyMetadata.KeyId
}

// One key in two regions
const shared = await key({ MultiRegion: true, Description: 'größer', Tags: [{ TagKey: 'a', TagValue: 'b' }] })
await call(home, 'ReplicateKey', { KeyId: shared, ReplicaRegion: near })
const replica = await enabled(near, shared)
const context = { EncryptionContext: { purpose: 'compatibility' } }
const { CiphertextBlob } = await call(home, 'Encrypt', { KeyId: shared, Plaintext: text, ...context })
const opened = await call(near, 'Decrypt', { CiphertextBlob, ...context })
const moved = await call(near, 'ReEncrypt', {
  CiphertextBlob,
  SourceEncryptionContext: context.EncryptionContext,
  DestinationKeyId: shared,
})
const reopened = await call(home, 'Decrypt', { CiphertextBlob: moved.CiphertextBlob })
const dataKey = await call(home, 'GenerateDataKey', { KeyId: shared, KeySpec: 'AES_256' })
const dataKeyElsewhere = await call(near, 'Decrypt', { CiphertextBlob: dataKey.CiphertextBlob })

// Signatures, verified by node:crypto
const signatures = {}
for (const [KeySpec, SigningAlgorithm, options] of [
  ['RSA_2048', 'RSASSA_PSS_SHA_256', { padding: 6, saltLength: 32 }],
  ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_512', {}],
  ['ECC_NIST_P384', 'ECDSA_SHA_384', {}],
  ['ECC_SECG_P256K1', 'ECDSA_SHA_256', {}],
  ['ECC_NIST_EDWARDS25519', 'ED25519_SHA_512', {}],
]) {
  const KeyId = await key({ KeySpec, KeyUsage: 'SIGN_VERIFY' })
  const { PublicKey } = await call(home, 'GetPublicKey', { KeyId })
  const { Signature } = await call(home, 'Sign', { KeyId, Message: text, SigningAlgorithm })
  const checked = await call(home, 'Verify', { KeyId, Message: text, Signature, SigningAlgorithm })
  const hash = KeySpec === 'ECC_NIST_EDWARDS25519' ? null : `sha${SigningAlgorithm.slice(-3)}`
  const loaded = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' })
  signatures[`${KeySpec} ${SigningAlgorithm}`] =
    checked.SignatureValid && verify(hash, text, { key: loaded, ...options }, Buffer.from(Signature))
}

// MACs, random bytes, dates, and errors as classes
const macKey = await key({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' })
const mac = await call(home, 'GenerateMac', { KeyId: macKey, Message: text, MacAlgorithm: 'HMAC_SHA_256' })
const random = await call(home, 'GenerateRandom', { NumberOfBytes: 33 })
const schedule = await call(home, 'ScheduleKeyDeletion', { KeyId: macKey, PendingWindowInDays: 7 })
const days = (schedule.DeletionDate - Date.now()) / 86_400_000

const pages = []
for await (const page of kms.paginateListKeys({ client: clients[home], pageSize: 2 }, {})) {
  pages.push(page.Keys.length)
}
const altered = Buffer.from(CiphertextBlob)
altered[altered.length - 1] ^= 1

told({
  version: `@aws-sdk/client-kms ${JSON.parse(readFileSync(new URL('./node_modules/@aws-sdk/client-kms/package.json', import.meta.url))).version}`,
  opened: Buffer.from(opened.Plaintext).equals(text),
  reopened: Buffer.from(reopened.Plaintext).equals(text),
  dataKey: createHash('sha256').update(dataKey.Plaintext).digest('hex') ===
    createHash('sha256').update(dataKeyElsewhere.Plaintext).digest('hex'),
  replica: [replica.MultiRegionConfiguration.MultiRegionKeyType, replica.Arn.split(':')[3]],
  created: Math.abs(replica.CreationDate - Date.now()) < 600_000,
  signatures,
  mac: mac.Mac.length,
  random: random.Plaintext.length,
  days: Math.round(days),
  pages: { all: pages.reduce((sum, each) => sum + each, 0), largest: Math.max(...pages) },
  refused: {
    absent: await refused(home, 'DescribeKey', { KeyId: 'alias/absent' }),
    altered: await refused(home, 'Decrypt', { CiphertextBlob: altered, ...context }),
    pending: await refused(home, 'GenerateMac', { KeyId: macKey, Message: text, MacAlgorithm: 'HMAC_SHA_256' }),
    invalid: await refused(home, 'GenerateRandom', { NumberOfBytes: 0 }),
    dry: await refused(home, 'Encrypt', { KeyId: shared, Plaintext: text, DryRun: true }),
  },
  used: [...used].sort(),
})

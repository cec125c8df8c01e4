// The AWS Encryption SDK for JavaScript: a message under a multi-Region key, opened by its related
// keys; and a message that the SDK for Python made.
// Standard input: {"endpoints": {region: URL}, "keys": {region: ARN}, "account": …, "python": base64}.

import { readFileSync } from 'node:fs'
import {
  AwsKmsMrkAwareSymmetricDiscoveryKeyringNode,
  AwsKmsMrkAwareSymmetricKeyringNode,
  CommitmentPolicy,
  KmsKeyringNode,
  buildClient,
} from '@aws-crypto/client-node'
import { KMS } from '@aws-sdk/client-kms'
import { told } from './told.mjs'

const given = JSON.parse(readFileSync(0, 'utf8'))
const { encrypt, decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
const client = (region) => new KMS({ region, endpoint: given.endpoints[region], maxAttempts: 1 })
const strict = (region) =>
  new AwsKmsMrkAwareSymmetricKeyringNode({ client: client(region), keyId: given.keys[region] })
const discovering = (region, accountIDs) =>
  new AwsKmsMrkAwareSymmetricDiscoveryKeyringNode({
    client: client(region),
    discoveryFilter: { accountIDs, partition: 'aws' },
  })
const text = 'from JavaScript, '.repeat(100_000)
const context = { purpose: 'compatibility' }
const [home, ...others] = Object.keys(given.keys)

async function opened(keyring, message, expected) {
  try {
    const { plaintext, messageHeader } = await decrypt(keyring, message)
    if (messageHeader.encryptionContext.purpose !== context.purpose) return 'another context'
    return expected === undefined ? plaintext.toString() : plaintext.toString() === expected
  } catch (error) {
    return error.message.split('\n')[0]
  }
}

const { result } = await encrypt(strict(home), text, { encryptionContext: context })
const flipped = Buffer.from(result)
flipped[result.indexOf(given.keys[home].split('/')[1]) + 150] ^= 1
const plain = new KmsKeyringNode({
  keyIds: [given.keys[others[0]]],
  clientProvider: (region) => client(region),
})

told({
  version: `@aws-crypto/client-node ${JSON.parse(readFileSync(new URL('./node_modules/@aws-crypto/client-node/package.json', import.meta.url))).version}`,
  strict: Object.fromEntries(
    await Promise.all([home, ...others].map(async (each) => [each, await opened(strict(each), result, text)]))
  ),
  discovered: Object.fromEntries(
    await Promise.all(
      others.map(async (each) => [each, await opened(discovering(each, [given.account]), result, text)])
    )
  ),
  otherAccount: await opened(discovering(others[0], ['444455556666']), result, text),
  notAware: await opened(plain, result, text),
  flipped: await opened(strict(home), flipped, text),
  python: await opened(strict(others[0]), Buffer.from(given.python, 'base64')),
})

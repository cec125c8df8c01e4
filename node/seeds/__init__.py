"""Seeds: a file of accounts and keys that exist at every start, so that stored ciphertexts keep
working.

`read_seed` checks the whole file before anything is done and names what is wrong by its line;
`plant` asks the nodes of a cluster for what the file says.
"""

from node.seeds.document import Seed, SeedAccount, SeedKey
from node.seeds.plant import plant
from node.seeds.read import read_seed

__all__ = ["Seed", "SeedAccount", "SeedKey", "plant", "read_seed"]

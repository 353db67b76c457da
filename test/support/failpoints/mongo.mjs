import { Collection } from 'mongodb'

const WRITES = [
  ...['insertOne', 'insertMany', 'updateOne', 'updateMany', 'replaceOne', 'deleteOne', 'deleteMany'],
  ...['bulkWrite', 'findOneAndUpdate', 'findOneAndReplace', 'findOneAndDelete', 'createIndexes'],
]

/** Every change that is asked of a database is a write, so that also one of several that belong together can be the last. */
export function countMongo(writes) {
  for (const name of WRITES) {
    const change = Collection.prototype[name]
    Collection.prototype[name] = function (...args) {
      return writes.around(`${this.collectionName} ${name}`, () => change.apply(this, args))
    }
  }
}

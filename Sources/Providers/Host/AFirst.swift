// Nothing, first of its room by name. Swift writes what modules share, such as the metadata of arrays, once more into
// the first file of each module, as one piece of data that goes as soon as nothing in it is used. A class would hold it.

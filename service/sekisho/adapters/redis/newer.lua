-- Writes lines whole, unless a newer revision is there: a value begins with its revision, 8 bytes.
local function revision(value)
  local high, low = struct.unpack('>I4I4', value)
  return high * 4294967296 + low
end
for i, key in ipairs(KEYS) do
  local kept = redis.call('GET', key)
  if not kept or revision(kept) <= revision(ARGV[i]) then redis.call('SET', key, ARGV[i]) end
end
return #KEYS
